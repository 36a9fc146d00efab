import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { groupName } from "../../domain/names.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { mayReadAllGroups, mayReadGroup } from "../../engine/group-rights.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { forbidden, limitExceeded, noSuchGroup } from "./group-errors.ts";
import { sortedMembers, sortMembers, viewGroup, type GroupView } from "./group-view.ts";

/** The most members that one answer holds. */
export const maxMembersOfAnswer = 100_000;

/** Who reads which group of which state. */
export interface GroupRead {
  readonly asker: Identity;
  /** The snapshot that decides what the asker may read. */
  readonly rights: Snapshot;
  /** The state that is read: the same one, or an earlier one for a reader. */
  readonly state: ReplicaState;
}

/** A group with its members, or without. */
export interface ReadGroup {
  readonly group: GroupView;
  /** Sorted; none when they are to be left out. */
  readonly members: readonly string[];
}

/**
 * The group that the asker may read. `problem` is what else is wrong with the request: it comes after the right to
 * read. Throws GROUP_FORBIDDEN, for readers INVALID_FIELD and NOT_FOUND instead, and `problem`.
 */
export function readableGroup(
  { asker, rights, state }: GroupRead,
  field: string,
  name: string,
  problem: Error | undefined,
): GroupEntry {
  const entry = state.snapshot.groups.entry(name);
  const may =
    entry === undefined ? mayReadAllGroups(rights, asker) : mayReadGroup(rights, asker, entry);
  if (!may) throw forbidden(name, "read");
  if (problem !== undefined) throw problem;
  if (!groupName.test(name)) throw invalidField(field, groupName.rule);
  if (entry === undefined) throw noSuchGroup(name);
  return entry;
}

/**
 * Sorts the members of a group that the asker may read, with turns for others meanwhile, so that getGroup has them at once.
 * Nothing happens for who may not read it.
 */
export async function prepareGroup(
  { asker, rights, state }: GroupRead,
  name: string,
): Promise<void> {
  const entry = state.snapshot.groups.entry(name);
  if (entry === undefined || entry.members.size > maxMembersOfAnswer) return;
  if (mayReadGroup(rights, asker, entry)) await sortMembers(entry);
}

/** Reads a group. Throws LIMIT_EXCEEDED (`group_members`), and as readableGroup does. */
export function getGroup(
  read: GroupRead,
  name: string,
  withoutMembers: boolean,
  problem: Error | undefined,
): ReadGroup {
  const entry = readableGroup(read, "name", name, problem);
  if (!withoutMembers && entry.members.size > maxMembersOfAnswer) {
    throw limitExceeded(
      "group_members",
      `the group has more than ${maxMembersOfAnswer.toLocaleString("en-US")} members: leave them out, and list them`,
    );
  }
  return {
    group: viewGroup({ ...read.state, snapshot: read.rights }, read.asker, entry),
    members: withoutMembers ? [] : sortedMembers(entry),
  };
}
