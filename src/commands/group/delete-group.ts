import type { Identity } from "../../domain/identity.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import type { CommandDeps } from "../deps.ts";
import { requestHash } from "../input.ts";
import { checkWritable, editableGroup, neededGroups, requireEditor } from "./authorise.ts";
import { changeGroups, type WriteInput } from "./change-groups.ts";
import { groupChanges } from "./group-changes.ts";
import { protectedGroup } from "./group-errors.ts";
import { requireEtag } from "./group-rules.ts";
import { requireUnused } from "./referrers.ts";
import { withEndedTakeOvers } from "./take-overs.ts";

/** What DeleteGroup is asked to do. */
export interface DeleteGroupInput extends WriteInput {
  readonly name: string;
  /** Empty: do not compare. */
  readonly etag: string;
}

/** What a deletion came to. */
export interface DeletedGroup {
  readonly revisionToken: string;
  readonly effects: Effects | undefined;
}

/**
 * Deletes a group. Fails with GROUP_FORBIDDEN, INVALID_FIELD, GROUP_PROTECTED, NOT_FOUND, MANAGED_BY_SOURCE,
 * ETAG_MISMATCH, IN_USE, and as planChange does.
 */
export async function deleteGroup(
  deps: CommandDeps,
  author: Identity,
  input: DeleteGroupInput,
): Promise<DeletedGroup> {
  const { name, etag, reason, guards } = input;
  const { revisionToken, effects } = await changeGroups<undefined, undefined>(deps, {
    author,
    input,
    requestHash: () => requestHash("GroupService/DeleteGroup", [name, etag, reason, guards]),
    authorise: (state) => requireEditor(state, author, name, "delete"),
    read: () => read(name),
    plan: (state) => {
      const before = editableGroup(state, name, deps.clock());
      requireEtag(state, before, etag);
      requireUnused(state, author, name);
      const changes = withEndedTakeOvers(state, groupChanges(before, undefined));
      return { source: undefined, changes, found: undefined };
    },
  });
  return { revisionToken, effects };
}

function read(name: string): undefined {
  checkWritable("name", name, "delete");
  if (neededGroups.has(name)) {
    throw protectedGroup(name, "delete", "rights of Fleetgate itself hang on it");
  }
  return undefined;
}
