import type { Identity } from "../../domain/identity.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import { mayEditGroup } from "../../engine/group-rights.ts";
import { usableState, type CommandDeps } from "../deps.ts";
import type { ChangeOutcome } from "../plan-change.ts";
import { etagAfter, type GroupView, type PlannedGroup } from "./group-view.ts";

/** What a write of a group came to. */
export interface WrittenGroup {
  readonly group: GroupView;
  readonly revisionToken: string;
  readonly effects: Effects | undefined;
}

/** The answer of a write of a group. `repeated` makes the group of a request that was carried out before. */
export function writtenGroup(
  deps: CommandDeps,
  author: Identity,
  outcome: ChangeOutcome<PlannedGroup>,
  repeated: () => Omit<GroupView, "etag">,
): WrittenGroup {
  const { found, revisionToken, effects } = outcome;
  const group = found?.group ?? repeated();
  const mayEdit = found?.mayEdit ?? mayEditGroup(usableState(deps).snapshot, author, group);
  const etag = mayEdit ? etagAfter(deps, outcome, group.name, found?.lastChange) : "";
  return { group: { ...group, etag }, revisionToken, effects };
}
