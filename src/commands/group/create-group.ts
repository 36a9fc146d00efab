import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import { mayReadGroup } from "../../engine/group-rights.ts";
import type { ReplicaState } from "../../replica/state.ts";
import type { CommandDeps } from "../deps.ts";
import { requestHash } from "../input.ts";
import type { PlannedChange } from "../plan-change.ts";
import { checkWritable, requireCreator } from "./authorise.ts";
import { changeGroups, type WriteInput } from "./change-groups.ts";
import { groupChanges, type GroupContent } from "./group-changes.ts";
import { forbidden } from "./group-errors.ts";
import { checkRootGroup, requireNoCycle, requireReadable } from "./group-rules.ts";
import {
  readDescription,
  readGlobs,
  readMembers,
  readNested,
  readOwners,
  type Members,
} from "./group-syntax.ts";
import { plannedGroup, type PlannedGroup } from "./group-view.ts";
import { writtenGroup, type WrittenGroup } from "./written-group.ts";

/** A group as a request has it. */
export interface GroupInput {
  readonly name: string;
  readonly description: string;
  readonly owners: string;
  readonly members: readonly string[];
  readonly globs: readonly string[];
  readonly nested: readonly string[];
  /** Names of the output only fields that a request has set. */
  readonly outputOnly: readonly string[];
}

/** What CreateGroup is asked to do. */
export interface CreateGroupInput extends WriteInput {
  /** Undefined: the request has none. */
  readonly group: GroupInput | undefined;
}

type NewGroup = GroupContent & { readonly members: Members };

/**
 * Creates a group. Fails with GROUP_REQUIRED, GROUP_FORBIDDEN (somebody else's group has the name, or rights of
 * Fleetgate hang on it), INVALID_FIELD, GROUP_PROTECTED, ALREADY_EXISTS, REFERENCE_MISSING, GROUP_CYCLE, and as planChange does.
 */
export async function createGroup(
  deps: CommandDeps,
  author: Identity,
  input: CreateGroupInput,
): Promise<WrittenGroup> {
  const name = input.group?.name ?? "";
  const outcome = await changeGroups<NewGroup, PlannedGroup>(deps, {
    author,
    input,
    requestHash: () =>
      requestHash("GroupService/CreateGroup", [input.group, input.reason, input.guards]),
    authorise: (state) => requireCreator(state, author, name),
    read: () => read(input.group),
    plan: (state, group) => plan(state, author, group),
  });
  return writtenGroup(deps, author, name, outcome);
}

function read(group: GroupInput | undefined): NewGroup {
  if (group === undefined) throw invalidField("group", "must be set");
  const { name } = group;
  checkWritable("group.name", name, "create");
  for (const field of group.outputOnly) throw invalidField(`group.${field}`, "must be empty");
  return {
    name,
    description: readDescription("group.description", group.description),
    owners: readOwners("group.owners", group.owners),
    members: readMembers("group.members", group.members),
    globs: readGlobs("group.globs", group.globs),
    nested: readNested("group.nested", group.nested),
  };
}

function plan(state: ReplicaState, author: Identity, group: NewGroup): PlannedChange<PlannedGroup> {
  const { snapshot } = state;
  const { name, owners, nested } = group;
  const existing = snapshot.groups.entry(name);
  if (existing !== undefined) {
    if (!mayReadGroup(snapshot, author, existing)) throw forbidden(name, "create");
    throw new DomainError("ALREADY_EXISTS", `there is a group ${quote(name)} already`, {
      kind: "group",
      name,
    });
  }
  requireReadable(snapshot, author, [...nested, ...(owners === name ? [] : [owners])]);
  // Others may nest the name already: references to what is missing are not made, but may have been stored.
  requireNoCycle(snapshot, author, name, nested);
  checkRootGroup({ ...group, memberCount: group.members.size });
  const content = { ...group, nested: [...nested].sort() };
  return {
    source: undefined,
    changes: groupChanges(undefined, content),
    found: plannedGroup(state, author, undefined, content),
  };
}
