import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { DomainError } from "../../src/domain/errors.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import {
  BatchCheckPackedRequestSchema,
  CheckBotPermRequestSchema,
  CheckPoolPermRequestSchema,
  CheckTaskPermRequestSchema,
  TaskInfoSchema,
  type TaskInfo,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { StatusSchema } from "../../src/gen/google/rpc/status_pb.ts";
import { answerCheck, decideCheck } from "../../src/rpc/acl/answer.ts";
import { aclChecks } from "../../src/rpc/acl/checks.ts";
import { packedCheck, type Packed } from "../../src/rpc/acl/packed.ts";
import { toStatus } from "../../src/rpc/errors.ts";
import { ask } from "../spec/ask.ts";
import { mayAskAllOnBehalf } from "../spec/delegation.ts";
import { isSameIdentity } from "../spec/names.ts";
import type { Question, TaskClaim } from "../spec/question.ts";
import * as names from "./support/alphabets.ts";
import { arbitraryQuestions } from "./support/arbitrary-question.ts";
import { arbitraryWorld } from "./support/arbitrary-world.ts";
import { identity, loadWorld } from "./support/engine-world.ts";
import { chooseSeed } from "./support/tally.ts";

type PackedQuestion = Extract<Question, { readonly check: "pool" | "task" | "bot" }>;

/** The questions of one kind, all of one caller and one permission: those of the first one. */
function alike(questions: readonly Question[]): readonly PackedQuestion[] {
  const [first] = questions.filter(isPackable);
  if (first === undefined) return [];
  const { check, caller, permission } = first;
  return questions
    .filter(isPackable)
    .filter((question) => question.check === check)
    .map((question) => ({ ...question, caller, permission }));
}

function isPackable(question: Question): question is PackedQuestion {
  return ["pool", "task", "bot"].includes(question.check);
}

function toTask(claim: TaskClaim): TaskInfo {
  const { task_id: taskId, realm, pool, bot_id: botId, submitter } = claim;
  return create(TaskInfoSchema, { taskId, realm, pool, botId, submitter });
}

type Resources = NonNullable<MessageInitShape<typeof BatchCheckPackedRequestSchema>["resources"]>;

function toResources(questions: readonly PackedQuestion[]): Resources {
  const pools = questions.flatMap((it) => (it.check === "pool" ? [it.pool] : []));
  if (pools.length > 0) return { case: "pools", value: { names: pools } };
  const ids = questions.flatMap((it) => (it.check === "bot" ? [it.bot_id] : []));
  if (ids.length > 0) return { case: "bots", value: { ids } };
  const infos = questions.flatMap((it) => (it.check === "task" ? [toTask(it.task)] : []));
  return { case: "tasks", value: { infos } };
}

/** What the single call comes to, as the status of an outcome. */
function askSingle(snapshot: Snapshot, peer: string, question: PackedQuestion): unknown {
  const context = { peer: identity(peer), snapshot, current: snapshot };
  const { caller, permission } = question;
  const { failure } =
    question.check === "pool"
      ? answerCheck(
          aclChecks.pool,
          create(CheckPoolPermRequestSchema, { caller, permission, pool: question.pool }),
          context,
          undefined,
        )
      : question.check === "bot"
        ? answerCheck(
            aclChecks.bot,
            create(CheckBotPermRequestSchema, { caller, permission, botId: question.bot_id }),
            context,
            undefined,
          )
        : answerCheck(
            aclChecks.task,
            create(CheckTaskPermRequestSchema, {
              ...{ caller, permission, task: toTask(question.task) },
            }),
            context,
            undefined,
          );
  return failure && bytesOf(toStatus(failure));
}

function askPacked(
  snapshot: Snapshot,
  peer: string,
  questions: readonly PackedQuestion[],
  reasons: boolean,
): Packed | DomainError {
  const [{ caller, permission } = assert.fail()] = questions;
  const resources = toResources(questions);
  const request = create(BatchCheckPackedRequestSchema, { caller, permission, resources, reasons });
  const context = { peer: identity(peer), snapshot, current: snapshot };
  try {
    return decideCheck(packedCheck, request, context, undefined).decision;
  } catch (error) {
    assert.ok(error instanceof DomainError, String(error));
    return error;
  }
}

function bytesOf(status: MessageInitShape<typeof StatusSchema>): Uint8Array {
  return toBinary(StatusSchema, create(StatusSchema, status));
}

function bitsOf(permitted: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(permitted.length / 8));
  for (const [index, bit] of permitted.entries()) {
    if (bit) bits[Math.floor(index / 8)]! += 2 ** (index % 8);
  }
  return bits;
}

describe("BatchCheckPacked", () => {
  test("answers each resource as the spec and the single call do, for peers that may ask about all", (context) => {
    const counts = { permitted: 0, denied: 0, invalid: 0, forbidden: 0, onBehalf: 0 };
    const property = fc.property(
      arbitraryWorld,
      arbitraryQuestions(40),
      fc.constantFrom(...names.identities),
      fc.boolean(),
      (world, mixed, peer, reasons) => {
        const snapshot = loadWorld(world);
        for (let rest = mixed; rest.length > 0; rest = rest.slice(10)) {
          const questions = alike(rest);
          const [first] = questions;
          if (first === undefined) continue;
          const { caller } = first;
          const says = `${peer}: ${JSON.stringify(questions)}`;
          const packed = askPacked(snapshot, peer, questions, reasons);
          const expected = questions.map((question) => ask(world, question).answer);
          const isSelf = caller !== "" && isSameIdentity(peer, caller);
          if (!names.identities.includes(caller as never)) {
            // The spec knows no peers, and nothing else is malformed among the callers.
            const field = packed instanceof DomainError ? packed.metadata["field"] : "caller";
            if (caller !== "") assert.equal(field, "caller", says);
          } else if (isSelf && peer !== caller) {
            continue; // It is asked about under the spelling of the peer.
          } else if (!isSelf && expected.includes("invalid")) {
            // To the on-behalf rule of the server, what is malformed is unknown; the spec has no such rule.
            assert.ok(packed instanceof DomainError, says);
            counts.invalid += 1;
          } else if (!isSelf && !mayAskAllOnBehalf(world, peer, caller, questions)) {
            assert.ok(packed instanceof DomainError, says);
            assert.equal(packed.reason, "ON_BEHALF_OF_FORBIDDEN", says);
            counts.forbidden += 1;
          } else if (expected.includes("invalid")) {
            assert.ok(packed instanceof DomainError, says);
            assert.equal(packed.reason, "INVALID_FIELD", says);
            counts.invalid += 1;
          } else {
            assert.ok(!(packed instanceof DomainError), says);
            const permitted = expected.map((answer) => answer === "permitted");
            assert.deepEqual(packed.permitted, bitsOf(permitted), says);
            const singles = questions.map((question) => askSingle(snapshot, peer, question));
            assert.deepEqual(
              packed.denials.map(({ index, status }) => ({
                index,
                status: bytesOf(status ?? assert.fail()),
              })),
              reasons
                ? singles.flatMap((status, index) =>
                    status === undefined ? [] : [{ index, status }],
                  )
                : [],
              says,
            );
            assert.deepEqual(
              singles.map((status) => status === undefined),
              permitted,
              says,
            );
            for (const bit of permitted) counts[bit ? "permitted" : "denied"] += 1;
            counts.onBehalf += Number(!isSelf);
          }
        }
      },
    );
    fc.assert(property, { seed: chooseSeed(context), numRuns: 600 });
    context.diagnostic(JSON.stringify(counts));
    for (const [what, count] of Object.entries(counts)) assert.ok(count > 20, what);
  });
});
