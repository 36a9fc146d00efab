import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { rootGroup } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { mayReadGroup } from "../../engine/group-rights.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { isExternal } from "./authorise.ts";
import { groupEtag } from "./group-etag.ts";

/** Throws ETAG_MISMATCH when an etag is given and the group has changed since. */
export function requireEtag({ tokenKey }: ReplicaState, entry: GroupEntry, etag: string): void {
  const { name, revision } = entry;
  if (etag === "" || etag === groupEtag(tokenKey, name, revision)) return;
  throw new DomainError(
    "ETAG_MISMATCH",
    `group ${quote(name)} is not as the etag says: somebody changed it; read it again`,
    { group: name },
  );
}

/**
 * Throws REFERENCE_MISSING with all names that do not exist, in the order given. What the author may not read
 * counts as missing, so that nobody learns by naming it that it is there. `administrators` is no secret.
 */
export function requireReadable(
  snapshot: Snapshot,
  author: Identity,
  names: readonly string[],
): void {
  const missing = [...new Set(names)].filter((name) => {
    const entry = snapshot.groups.entry(name);
    if (entry === undefined) return true;
    return name !== rootGroup && !mayReadGroup(snapshot, author, entry);
  });
  if (missing.length === 0) return;
  const groups = missing.map(quote).join(", ");
  const external = missing.some(isExternal) ? "; those with a prefix are to be imported first" : "";
  throw new DomainError(
    "REFERENCE_MISSING",
    `there are no groups that this peer may read named ${groups}${external}`,
    { groups },
  );
}

/**
 * Throws GROUP_CYCLE when the group would be a member of itself by these nested groups. The path begins and ends
 * with the group; what the author may not read of it is "...".
 */
export function requireNoCycle(
  snapshot: Snapshot,
  author: Identity,
  group: string,
  nested: readonly string[],
): void {
  const path = findCycle(snapshot, group, nested);
  if (path === undefined) return;
  const shown: string[] = [];
  for (const name of path) {
    const entry = snapshot.groups.entry(name);
    const mayRead =
      name === group || (entry !== undefined && mayReadGroup(snapshot, author, entry));
    const text = mayRead ? quote(name) : "...";
    // How many are hidden is hidden too.
    if (text !== "..." || shown.at(-1) !== text) shown.push(text);
  }
  const text = shown.join(" -> ");
  throw new DomainError("GROUP_CYCLE", `groups would nest each other in a circle: ${text}`, {
    group,
    path: text,
  });
}

/** The shortest path from the group by its nested groups back to it; undefined: there is none. */
function findCycle(
  { groups }: Snapshot,
  group: string,
  nested: readonly string[],
): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const reach = (from: string, names: readonly string[]): boolean => {
    for (const name of names) {
      if (!cameFrom.has(name)) cameFrom.set(name, from);
      if (name === group) return true;
    }
    return false;
  };
  let closed = reach(group, nested);
  // The map grows while it is walked.
  for (const name of cameFrom.keys()) {
    if (closed) break;
    closed = reach(name, groups.entry(name)?.nested ?? []);
  }
  if (!closed) return undefined;
  const path = [group];
  for (let at = cameFrom.get(group); at !== undefined && at !== group; at = cameFrom.get(at)) {
    path.unshift(at);
  }
  return [group, ...path];
}

/** What the group of administrators must be: owned by itself, without globs, nesting external groups only, not empty. */
export function checkRootGroup(group: {
  readonly name: string;
  readonly owners: string;
  readonly globs: readonly string[];
  readonly nested: readonly string[];
  readonly memberCount: number;
}): void {
  if (group.name !== rootGroup) return;
  if (group.owners !== rootGroup) {
    throw invalidField("group.owners", `"${rootGroup}" can be owned only by itself`);
  }
  if (group.globs.length > 0) {
    throw invalidField("group.globs", `"${rootGroup}" must have none`);
  }
  if (!group.nested.every(isExternal)) {
    throw invalidField("group.nested", `"${rootGroup}" must nest external groups only`);
  }
  if (group.memberCount + group.nested.length === 0) {
    throw invalidField("group.members", `"${rootGroup}" must not be empty`);
  }
}
