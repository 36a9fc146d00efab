import type { EntityChange } from "../../domain/entity.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import type { CommandDeps } from "../deps.ts";
import { requestHash } from "../input.ts";
import { checkWritable, editableGroup, requireEditor } from "./authorise.ts";
import { changeGroups, type WriteInput } from "./change-groups.ts";
import { memberChange } from "./group-changes.ts";
import { checkRootGroup } from "./group-rules.ts";
import { readMembers, type Members } from "./group-syntax.ts";
import { etagAfter } from "./written-group.ts";

/** What AddMembers and RemoveMembers are asked to do. */
export interface ChangeMembersInput extends WriteInput {
  readonly group: string;
  readonly members: readonly string[];
}

/** What they came to. */
export interface ChangedMembers {
  /** How many memberships are new, or gone. */
  readonly count: number;
  /** Empty after validateOnly. */
  readonly etag: string;
  readonly revisionToken: string;
  readonly effects: Effects | undefined;
}

/**
 * Adds members to a group, and touches nothing else: whoever is a member stays as typed. Fails with GROUP_FORBIDDEN,
 * INVALID_FIELD, GROUP_PROTECTED, NOT_FOUND, MANAGED_BY_SOURCE, and as planChange does.
 */
export function addMembers(
  deps: CommandDeps,
  author: Identity,
  input: ChangeMembersInput,
): Promise<ChangedMembers> {
  return changeMembers(deps, author, input, "AddMembers", ({ name, members }, wanted) => {
    const changes: EntityChange[] = [];
    for (const [folded, typed] of wanted) {
      if (!members.has(folded)) changes.push(memberChange(name, folded, undefined, typed));
    }
    return changes;
  });
}

/** Removes members from a group, and touches nothing else: whoever is none is passed over. Fails as addMembers does. */
export function removeMembers(
  deps: CommandDeps,
  author: Identity,
  input: ChangeMembersInput,
): Promise<ChangedMembers> {
  return changeMembers(deps, author, input, "RemoveMembers", ({ name, members }, wanted) => {
    const changes: EntityChange[] = [];
    for (const folded of wanted.keys()) {
      const typed = members.get(folded);
      if (typed !== undefined) changes.push(memberChange(name, folded, typed, undefined));
    }
    return changes;
  });
}

async function changeMembers(
  deps: CommandDeps,
  author: Identity,
  input: ChangeMembersInput,
  method: "AddMembers" | "RemoveMembers",
  difference: (group: GroupEntry, members: Members) => readonly EntityChange[],
): Promise<ChangedMembers> {
  const { group, members, reason, guards } = input;
  const outcome = await changeGroups<Members, bigint>(deps, {
    author,
    input,
    requestHash: () => requestHash(`GroupService/${method}`, [group, members, reason, guards]),
    authorise: (state) => requireEditor(state, author, group, "edit"),
    read: () => {
      checkWritable("group", group, "edit");
      return readMembers("members", members);
    },
    plan: (state, wanted) => {
      const before = editableGroup(state, group, deps.clock());
      const changes = difference(before, wanted);
      if (method === "RemoveMembers" && changes.length > 0) {
        checkRootGroup({ ...before, memberCount: before.members.size - changes.length });
      }
      return { source: undefined, changes, found: before.revision };
    },
  });
  const { changes, revisionToken, effects } = outcome;
  return {
    count: changes.length,
    etag: await etagAfter(deps, group, outcome),
    revisionToken,
    effects,
  };
}
