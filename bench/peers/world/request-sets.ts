import { Buffer } from "node:buffer";
import { create, toBinary, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AclService,
  BatchCheckRequestSchema,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { median } from "../../statistics.ts";
import { methodPath, requestBody } from "../../transport/frames.ts";
import type { AnswerKind, RequestSet, SetName, Wire, WorldWork } from "../messages.ts";
import type { BuiltWorld } from "./build-world.ts";
import { writeCerbosPolicies } from "./cerbos-policies.ts";
import { cerbosPath, encodeCheckResources, type CerbosVariant } from "./cerbos-wire.ts";
import { makeQuestions, type Question } from "./questions.ts";

const servicePath = `/${AclService.typeName}/`;

/** Makes all questions about a world, and all requests that ask them. */
export async function makeWork(world: BuiltWorld, cerbosFolder: string): Promise<WorldWork> {
  const questions = makeQuestions(world);
  const { permitted, denied, own, of50, of1000 } = questions;
  const all = [permitted, denied, own, of50].flat();
  const permissions = new Set(all.map(({ permission }) => permission));
  const cerbos = await writeCerbosPolicies(world, permissions, cerbosFolder);
  const ofCerbos = (list: readonly Question[], variant: CerbosVariant): RequestSet =>
    toSet(cerbosPath, "gRPC", "cerbos", list, (question) =>
      frame(encodeCheckResources(question, variant, cerbos)),
    );
  const own1 = own.map((question) => ({ ...question, caller: "" }));
  const sets: Partial<Record<SetName, RequestSet>> = {
    permitted: single("gRPC", permitted),
    denied: single("gRPC", denied),
    own: single("gRPC", own1),
    connect: single("Connect", permitted),
    json: single("Connect JSON", permitted),
    "batch-50": batch(of50),
    "batch-1000": batch(of1000),
    ...packedSets({ "packed-50": of50, "packed-1000": of1000 }),
    "cerbos-derived": ofCerbos(permitted, "derived"),
    "cerbos-plain": ofCerbos(permitted, "plain"),
    "cerbos-derived-50": ofCerbos(of50, "derived"),
    "cerbos-plain-50": ofCerbos(of50, "plain"),
  };
  const { expanded, spec } = world;
  return {
    sets,
    own: own[0]?.caller ?? "",
    notes: {
      memberships: spec.memberships,
      groups: expanded.groups.length,
      realms: expanded.realms.length,
      pools: expanded.pools.length,
      permittedShare50: permittedShare(of50),
      permittedShare1000: permittedShare(of1000),
      cerbosRealms: cerbos.realms,
      groupsSent: median(
        permitted.slice(0, 200).map(({ caller }) => cerbos.groupsOf(caller).length),
      ),
    },
  };
}

function toSet(
  path: string,
  wire: Wire,
  answer: AnswerKind,
  questions: readonly Question[],
  encode: (question: Question) => Uint8Array,
): RequestSet {
  const expected = questions.map(({ answers }) => answers);
  return { path, wire, answer, bodies: questions.map(encode), expected };
}

function single(wire: Wire, questions: readonly Question[]): RequestSet {
  return toSet(methodPath, wire, "status", questions, ({ caller, permission, pools }) =>
    requestBody(wire, { caller, permission, pool: pools[0] ?? "" }),
  );
}

function batch(questions: readonly Question[]): RequestSet {
  return toSet(`${servicePath}BatchCheck`, "gRPC", "batch", questions, (question) => {
    const { caller, permission, pools } = question;
    const checks = pools.map((pool) => ({
      check: { case: "pool" as const, value: { caller, permission, pool } },
    }));
    return frame(toBinary(BatchCheckRequestSchema, create(BatchCheckRequestSchema, { checks })));
  });
}

/** The packed form, where there is one. */
function packedSets(
  of: Readonly<Partial<Record<SetName, readonly Question[]>>>,
): Partial<Record<SetName, RequestSet>> {
  const method = AclService.methods.find(({ name }) => name === "BatchCheckPacked");
  if (method === undefined) return {};
  const schema: DescMessage = method.input;
  const sets: Partial<Record<SetName, RequestSet>> = {};
  for (const [name, questions] of Object.entries(of)) {
    const path = `${servicePath}${method.name}`;
    sets[name as SetName] = toSet(path, "gRPC", "packed", questions, (question) => {
      const { caller, permission, pools: names } = question;
      const init = { caller, permission, resources: { case: "pools", value: { names } } };
      return frame(toBinary(schema, create(schema, init as MessageInitShape<DescMessage>)));
    });
  }
  return sets;
}

/** gRPC: a flag (not compressed) and the length stand before the message. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = Buffer.alloc(5 + message.length);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, 5);
  return framed;
}

function permittedShare(questions: readonly Question[]): number {
  let permitted = 0;
  let all = 0;
  for (const { answers } of questions) {
    for (const answer of answers) permitted += answer;
    all += answers.length;
  }
  return permitted / all;
}
