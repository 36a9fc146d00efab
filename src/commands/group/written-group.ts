import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { ForeignHistoryError } from "../../replica/history.ts";
import { stateAt } from "../../replica/state-at.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { usableState, type CommandDeps } from "../deps.ts";
import type { ChangeOutcome } from "../plan-change.ts";
import { groupEtag } from "./group-etag.ts";
import { viewGroup, type GroupView, type PlannedGroup } from "./group-view.ts";

/** What a write of a group came to. */
export interface WrittenGroup {
  readonly group: GroupView;
  readonly revisionToken: string;
  readonly effects: Effects | undefined;
}

/**
 * The answer of a write of a group. A repeat is answered from the state in which the first left things; fails with
 * REVISION_NOT_RETAINED when nobody knows that any more.
 */
export async function writtenGroup(
  deps: CommandDeps,
  author: Identity,
  name: string,
  outcome: ChangeOutcome<PlannedGroup>,
): Promise<WrittenGroup> {
  const { found, revisionToken, effects } = outcome;
  if (found === undefined) {
    const then = await stateThen(deps, outcome.revision);
    return { group: viewGroup(then, author, groupIn(then, name)), revisionToken, effects };
  }
  const { group, mayEdit, lastChange } = found;
  // Whether a group is taken over is nothing of the group itself: its etag stays.
  const changed = outcome.changes.some(({ kind }) => kind !== "group_take_over");
  const last = outcome.kind === "committed" && !changed ? "unchanged" : outcome.kind;
  const etag = mayEdit ? etagNow(deps, name, { ...outcome, kind: last }, lastChange) : "";
  return { group: { ...group, etag }, revisionToken, effects };
}

/**
 * The etag of a group after a write of its members whose plan found when it was last changed before. Empty when the write was only
 * validated. Fails as writtenGroup does.
 */
export async function etagAfter(
  deps: CommandDeps,
  name: string,
  outcome: ChangeOutcome<bigint>,
): Promise<string> {
  if (outcome.found !== undefined) return etagNow(deps, name, outcome, outcome.found);
  const { revision, changes } = outcome;
  const state = usableState(deps);
  if (changes.length > 0) return groupEtag(state.tokenKey, name, revision);
  // The first found nothing to do. A group that was not changed since is as it was then: nothing need be rebuilt.
  const now = state.revision < revision ? undefined : state.snapshot.groups.entry(name);
  const last = now !== undefined && now.revision <= revision ? now : undefined;
  const { revision: then } = last ?? groupIn(await stateThen(deps, revision), name);
  return groupEtag(state.tokenKey, name, then);
}

function etagNow(
  deps: CommandDeps,
  name: string,
  { kind, revision }: Pick<ChangeOutcome<unknown>, "kind" | "revision">,
  lastChange: bigint | undefined,
): string {
  const last = kind === "committed" ? revision : kind === "unchanged" ? lastChange : undefined;
  return last === undefined ? "" : groupEtag(usableState(deps).tokenKey, name, last);
}

async function stateThen(deps: CommandDeps, revision: bigint): Promise<ReplicaState> {
  try {
    return await stateAt(deps, revision);
  } catch (cause) {
    if (!(cause instanceof ForeignHistoryError)) throw cause;
    throw new DomainError("HISTORY_NOT_ACCEPTED", cause.message, {}, { cause });
  }
}

function groupIn(state: ReplicaState, name: string): GroupEntry {
  const entry = state.snapshot.groups.entry(name);
  if (entry === undefined)
    throw new Error(`revision ${state.revision} does not hold its own group`);
  return entry;
}
