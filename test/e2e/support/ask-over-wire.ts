import assert from "node:assert/strict";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Client } from "@connectrpc/connect";
import {
  BatchCheckRequest_CheckSchema,
  type AclService,
  type BatchCheckRequest_Check,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import type { Answer } from "../../spec/ask.ts";
import type { Question } from "../../spec/question.ts";

type AclClient = Client<typeof AclService>;

/** Asks every question by a call of its own, some at a time. */
export async function askAll(
  client: AclClient,
  questions: readonly Question[],
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < questions.length; start += 50) {
    const some = questions.slice(start, start + 50);
    answers.push(...(await Promise.all(some.map((question) => askOne(client, question)))));
  }
  return answers;
}

/** Asks all questions by one call. */
export async function askInBatch(
  client: AclClient,
  questions: readonly Question[],
): Promise<readonly Answer[]> {
  const { outcomes } = await client.batchCheck({ checks: questions.map(toCheck) });
  assert.equal(outcomes.length, questions.length);
  return outcomes.map(({ status, pools }, index) => {
    const code = status?.code ?? 0;
    if (code === 0) return permitted(questions[index], pools);
    const detail = status?.details[0];
    const reason = detail && anyUnpack(detail, ErrorInfoSchema)?.reason;
    return refused(Code[code], reason);
  });
}

async function askOne(client: AclClient, question: Question): Promise<Answer> {
  try {
    const answer = await send(client, toCheck(question));
    assert.notEqual(answer.revisionToken, "");
    return permitted(question, answer.pools ?? []);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return refused(Code[error.code], error.findDetails(ErrorInfoSchema)[0]?.reason);
  }
}

function permitted(question: Question | undefined, pools: readonly string[]): Answer {
  if (question?.check === "filter_pools") return { answer: "filtered", pools: [...pools] };
  assert.deepEqual(pools, []);
  return { answer: "permitted" };
}

function refused(code: string | undefined, reason: string | undefined): Answer {
  const what = `${code} ${reason}`;
  if (what === "PermissionDenied PERMISSION_DENIED") return { answer: "denied" };
  assert.equal(what, "InvalidArgument INVALID_FIELD");
  return { answer: "invalid" };
}

interface WireAnswer {
  readonly revisionToken: string;
  readonly pools?: readonly string[];
}

function send(client: AclClient, { check }: BatchCheckRequest_Check): Promise<WireAnswer> {
  switch (check.case) {
    case "server":
      return client.checkServerPerm(check.value);
    case "pool":
      return client.checkPoolPerm(check.value);
    case "allPools":
      return client.checkAllPoolsPerm(check.value);
    case "anyPools":
      return client.checkAnyPoolsPerm(check.value);
    case "filterPools":
      return client.filterPoolsByPerm(check.value);
    case "task":
      return client.checkTaskPerm(check.value);
    case "bot":
      return client.checkBotPerm(check.value);
    case "createInRealm":
      return client.checkCreateInRealm(check.value);
    case "actAs":
      return client.checkActAs(check.value);
    default:
      return assert.fail("an empty check");
  }
}

function toCheck(question: Question): BatchCheckRequest_Check {
  return create(BatchCheckRequest_CheckSchema, { check: toCase(question) });
}

type Case = NonNullable<MessageInitShape<typeof BatchCheckRequest_CheckSchema>["check"]>;

function toCase(question: Question): Case {
  switch (question.check) {
    case "server": {
      const { caller, permission } = question;
      return { case: "server", value: { caller, permission } };
    }
    case "pool": {
      const { caller, permission, pool } = question;
      return { case: "pool", value: { caller, permission, pool } };
    }
    case "all_pools":
      return { case: "allPools", value: severalPools(question) };
    case "any_pools":
      return { case: "anyPools", value: severalPools(question) };
    case "filter_pools":
      return { case: "filterPools", value: severalPools(question) };
    case "task": {
      const { caller, permission, task } = question;
      const { task_id: taskId, realm, pool, bot_id: botId, submitter } = task;
      return {
        case: "task",
        value: { caller, permission, task: { taskId, realm, pool, botId, submitter } },
      };
    }
    case "bot": {
      const { caller, permission, bot_id: botId } = question;
      return { case: "bot", value: { caller, permission, botId } };
    }
    case "create_in_realm":
      return { case: "createInRealm", value: { caller: question.caller, realm: question.realm } };
    default: {
      const { service_account: serviceAccount, realm } = question;
      return { case: "actAs", value: { serviceAccount, realm } };
    }
  }
}

function severalPools(question: {
  readonly caller: string;
  readonly permission: string;
  readonly pools: readonly string[];
}): { caller: string; permission: string; pools: string[] } {
  const { caller, permission, pools } = question;
  return { caller, permission, pools: [...pools] };
}
