import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import type { ReplicaState } from "../../replica/state.ts";
import type { CommandDeps } from "../deps.ts";
import { requestHash } from "../input.ts";
import type { PlannedChange } from "../plan-change.ts";
import { checkWritable, editableGroup, requireEditor } from "./authorise.ts";
import { changeGroups, type WriteInput } from "./change-groups.ts";
import type { GroupInput } from "./create-group.ts";
import { groupChanges, type GroupContent } from "./group-changes.ts";
import { checkRootGroup, requireEtag, requireNoCycle, requireReadable } from "./group-rules.ts";
import { readDescription, readGlobs, readMembers, readNested, readOwners } from "./group-syntax.ts";
import { plannedGroup, type PlannedGroup } from "./group-view.ts";
import { writtenGroup, type WrittenGroup } from "./written-group.ts";

/** The fields that an update can replace. */
export const updatableFields = ["description", "owners", "members", "globs", "nested"] as const;

/** What UpdateGroup is asked to do. */
export interface UpdateGroupInput extends WriteInput {
  /** Undefined: the request has none. */
  readonly group: GroupInput | undefined;
  /** Undefined: the request has none. */
  readonly updateMask: readonly string[] | undefined;
  /** Empty: do not compare. */
  readonly etag: string;
}

/** The fields that are to be replaced. */
type Replaced = Partial<Omit<GroupContent, "name">>;

/**
 * Replaces fields of a group. Fails with GROUP_FORBIDDEN, INVALID_FIELD, GROUP_PROTECTED, NOT_FOUND, MANAGED_BY_SOURCE,
 * ETAG_MISMATCH, REFERENCE_MISSING, GROUP_CYCLE, and as planChange does.
 */
export async function updateGroup(
  deps: CommandDeps,
  author: Identity,
  input: UpdateGroupInput,
): Promise<WrittenGroup> {
  const name = input.group?.name ?? "";
  const { updateMask, etag, reason, guards } = input;
  const outcome = await changeGroups<Replaced, PlannedGroup>(deps, {
    author,
    input,
    requestHash: () =>
      requestHash("GroupService/UpdateGroup", [input.group, updateMask, etag, reason, guards]),
    authorise: (state) => requireEditor(state, author, name, "edit"),
    read: () => read(input),
    plan: (state, replaced) => plan(state, author, name, etag, replaced, deps.clock()),
  });
  return writtenGroup(deps, author, name, outcome);
}

function read({ group, updateMask }: UpdateGroupInput): Replaced {
  if (group === undefined) throw invalidField("group", "must be set");
  checkWritable("group.name", group.name, "edit");
  const rule = `must name some of ${updatableFields.join(", ")}`;
  if (updateMask === undefined || updateMask.length === 0) throw invalidField("update_mask", rule);
  const mask = new Set(updateMask);
  for (const path of mask) {
    if (!updatableFields.some((field) => field === path)) throw invalidField("update_mask", rule);
  }
  const { description, owners, members, globs, nested } = group;
  return {
    ...(mask.has("description") && {
      description: readDescription("group.description", description),
    }),
    ...(mask.has("owners") && { owners: readOwners("group.owners", owners) }),
    ...(mask.has("members") && { members: readMembers("group.members", members) }),
    ...(mask.has("globs") && { globs: readGlobs("group.globs", globs) }),
    ...(mask.has("nested") && { nested: readNested("group.nested", nested) }),
  };
}

function plan(
  state: ReplicaState,
  author: Identity,
  name: string,
  etag: string,
  replaced: Replaced,
  now: Date,
): PlannedChange<PlannedGroup> {
  const { snapshot } = state;
  const before = editableGroup(state, name, now);
  requireEtag(state, before, etag);
  const nested = replaced.nested ?? before.nested;
  const added = nested.filter((other) => !before.nested.includes(other));
  const owners = replaced.owners ?? before.owners;
  const newOwners = owners === before.owners || owners === name ? [] : [owners];
  requireReadable(snapshot, author, [...added, ...newOwners]);
  requireNoCycle(snapshot, author, name, added);
  const content: GroupContent = {
    name,
    description: before.description,
    globs: before.globs,
    members: undefined,
    ...replaced,
    owners,
    nested: [...nested].sort(),
  };
  const changes = groupChanges(before, content);
  const found = plannedGroup(state, author, before, content);
  if (changes.length > 0) checkRootGroup(found.group);
  return { source: undefined, changes, found };
}
