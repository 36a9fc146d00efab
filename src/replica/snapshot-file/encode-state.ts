import { Buffer } from "node:buffer";
import { toEntities } from "../../config/entities.ts";
import { emptyConfiguration } from "../../domain/model.ts";
import type { Policy } from "../../domain/policy.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import type { ReplicaState } from "../state.ts";

/** How many members, globs or names one record has at most. */
const maxTexts = 1000;

/**
 * The records of a state, each a JSON array on a line of its own that begins with its kind. What belongs to a group
 * or a source follows it. Each step costs little, however large the state is, except that one begins to walk the
 * members of a group, and one takes the entities of a project.
 */
export function* encodeState(state: ReplicaState): Generator<string> {
  yield record("token_key", Buffer.from(state.tokenKey).toString("hex"));
  for (const [revision, hash] of state.recentHashes.entries()) {
    yield record("hash", revision.toString(), Buffer.from(hash).toString("hex"));
  }
  for (const [source, policy] of state.policies) {
    yield record("policy", source);
    yield* encodePolicy(policy);
  }
  for (const [source, { revision }] of state.sources) {
    yield record("source", source, revision.toString());
  }
  for (const key of state.apiKeys.values()) yield record("api_key", key);
  for (const group of state.snapshot.groups.entries()) yield* encodeGroup(group);
  for (const takeOver of state.takeOvers.values()) yield record("take_over", takeOver);
  yield record("end");
}

function* encodePolicy(policy: Policy): Generator<string> {
  const { projects, ...rest } = policy;
  const parts = [
    { ...emptyConfiguration, ...rest, projects: [] },
    ...projects.map((project) => ({ ...emptyConfiguration, projects: [project] })),
  ];
  for (const part of parts) {
    for (const { kind, body } of toEntities(part)) yield record("entity", kind, body);
  }
}

function* encodeGroup(group: GroupEntry): Generator<string> {
  const { name, description, owners, managedBy, revision } = group;
  yield record("group", name, description, owners, managedBy, revision.toString());
  yield* encodeTexts("members", group.members.values());
  yield* encodeTexts("globs", group.globs);
  yield* encodeTexts("nested", group.nested);
}

function* encodeTexts(kind: string, texts: Iterable<string>): Generator<string> {
  let some: string[] = [];
  for (const text of texts) {
    some.push(text);
    if (some.length < maxTexts) continue;
    yield record(kind, some);
    some = [];
  }
  if (some.length > 0) yield record(kind, some);
}

function record(...fields: readonly unknown[]): string {
  return `${JSON.stringify(fields)}\n`;
}
