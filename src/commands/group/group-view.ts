import { sortBytewise } from "../../domain/bytewise.ts";
import { sortBytewiseInSteps } from "../../domain/sort-in-steps.ts";
import type { Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { isAdministrator, mayEditGroup, mayReadAllGroups } from "../../engine/group-rights.ts";
import type { TakeOverBody } from "../../domain/entity.ts";
import { runInTurns } from "../../replica/in-turns.ts";
import type { ReplicaState } from "../../replica/state.ts";
import type { GroupContent } from "./group-changes.ts";
import { groupEtag } from "./group-etag.ts";

/** A group as somebody sees it, without its members. */
export interface GroupView {
  readonly name: string;
  readonly description: string;
  readonly owners: string;
  readonly globs: readonly string[];
  readonly nested: readonly string[];
  readonly memberCount: number;
  /** The source that manages it; empty: none. */
  readonly managedBy: string;
  /** Empty for those who may not edit it. */
  readonly etag: string;
  /** Who took it over from the source; undefined: nobody did, or it is not for the one who sees it. */
  readonly takeOver: TakeOverBody | undefined;
}

/** What a group is seen by: rights and the take-overs may be of two states. */
export type ViewedState = Pick<ReplicaState, "snapshot" | "tokenKey" | "takeOvers">;

/** A group as an identity that may read it sees it. */
export function viewGroup(
  { snapshot, tokenKey, takeOvers }: ViewedState,
  asker: Identity,
  entry: GroupEntry,
): GroupView {
  const { name, description, owners, globs, nested, members, managedBy, revision } = entry;
  return {
    name,
    description,
    owners,
    globs,
    nested,
    memberCount: members.size,
    managedBy,
    etag: mayEditGroup(snapshot, asker, entry) ? groupEtag(tokenKey, name, revision) : "",
    takeOver: shownTakeOver({ snapshot }, asker, takeOvers.get(name)),
  };
}

/** It names a person, so it is for readers, whoever may edit the group. */
function shownTakeOver(
  { snapshot }: Pick<ReplicaState, "snapshot">,
  asker: Identity,
  takeOver: TakeOverBody | undefined,
): TakeOverBody | undefined {
  return takeOver !== undefined && mayReadAllGroups(snapshot, asker) ? takeOver : undefined;
}

const sorted = new WeakMap<GroupEntry["members"], readonly string[]>();

/** The members of a group as typed, sorted. Remembered as long as they do not change. */
export function sortedMembers({ members }: GroupEntry): readonly string[] {
  const known = sorted.get(members);
  if (known !== undefined) return known;
  const list = sortBytewise(members.values());
  sorted.set(members, list);
  return list;
}

/** Sorts the members ahead, with turns for others meanwhile: sortedMembers has them at once then. */
export async function sortMembers({ members }: GroupEntry): Promise<void> {
  if (sorted.has(members)) return;
  sorted.set(members, await runInTurns(sortBytewiseInSteps(members.values())));
}

/** What a plan found out about the group that it writes. */
export interface PlannedGroup {
  /** Without an etag: that depends on what becomes of the plan. */
  readonly group: Omit<GroupView, "etag">;
  /** Whether the author may edit it afterwards. */
  readonly mayEdit: boolean;
  /** When it was last changed before; undefined: it is new. */
  readonly lastChange: bigint | undefined;
}

/** The group that a plan leads to. */
export function plannedGroup(
  { snapshot, takeOvers }: Pick<ReplicaState, "snapshot" | "takeOvers">,
  author: Identity,
  before: GroupEntry | undefined,
  { name, description, owners, globs, nested, members }: GroupContent,
): PlannedGroup {
  const memberCount = members?.size ?? before?.members.size ?? 0;
  const managedBy = before?.managedBy ?? "";
  const takeOver = shownTakeOver({ snapshot }, author, takeOvers.get(name));
  return {
    group: { name, description, owners, globs, nested, memberCount, managedBy, takeOver },
    mayEdit: isAdministrator(snapshot, author) || mayEditGroup(snapshot, author, { owners }),
    lastChange: before?.revision,
  };
}

/** The group that taking it over, or returning it, leads to: nothing of itself changes. */
export function plannedTakeOver(
  state: ReplicaState,
  author: Identity,
  entry: GroupEntry,
  takeOver: TakeOverBody | undefined,
): PlannedGroup {
  const { etag: _etag, ...group } = viewGroup(state, author, entry);
  const { snapshot } = state;
  return {
    group: { ...group, takeOver: shownTakeOver({ snapshot }, author, takeOver) },
    mayEdit: mayEditGroup(snapshot, author, entry),
    lastChange: entry.revision,
  };
}
