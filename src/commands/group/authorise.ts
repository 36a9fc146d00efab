import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { creatorsGroup, groupName, importersGroup, rootGroup } from "../../domain/names.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import {
  isAdministrator,
  mayCreateGroups,
  mayEditGroup,
  mayImportGroups,
} from "../../engine/group-rights.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import {
  forbidden,
  managedBySource,
  noSuchGroup,
  protectedGroup,
  type GroupAction,
} from "./group-errors.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { referredGroups } from "./referrers.ts";
import { takeOverInForce } from "./take-overs.ts";

/** The groups that rights of Fleetgate itself hang on: they are not deleted, and only administrators create them. */
export const neededGroups: ReadonlySet<string> = new Set([
  rootGroup,
  creatorsGroup,
  importersGroup,
]);

/**
 * Throws GROUP_FORBIDDEN unless the author may edit the group. Of a group that does not exist only administrators
 * learn that.
 */
export function requireEditor(
  { snapshot }: ReplicaState,
  author: Identity,
  name: string,
  action: GroupAction,
): void {
  const entry = snapshot.groups.entry(name);
  const may =
    entry === undefined ? isAdministrator(snapshot, author) : mayEditGroup(snapshot, author, entry);
  if (!may) throw forbidden(name, action);
}

/** Throws GROUP_FORBIDDEN unless the author is an administrator. */
export function requireAdministrator(
  { snapshot }: ReplicaState,
  author: Identity,
  name: string,
  action: GroupAction,
): void {
  if (!isAdministrator(snapshot, author)) throw forbidden(name, action);
}

/**
 * Throws GROUP_REQUIRED unless the author may create groups, and GROUP_FORBIDDEN when something hangs on the name
 * already (rights of Fleetgate itself, a binding, another group), so that who gets it would get that too: such groups
 * are created by administrators.
 */
export function requireCreator(state: ReplicaState, author: Identity, name: string): void {
  const { snapshot } = state;
  if (!mayCreateGroups(snapshot, author)) throw membersOnly("CreateGroup", creatorsGroup);
  if (isAdministrator(snapshot, author)) return;
  if (neededGroups.has(name) || referredGroups(state).has(name)) throw forbidden(name, "create");
}

/** Throws GROUP_REQUIRED unless the author may import groups. */
export function requireImporter(snapshot: Snapshot, author: Identity): void {
  if (!mayImportGroups(snapshot, author)) throw membersOnly("ImportGroups", importersGroup);
}

function membersOnly(method: string, group: string): DomainError {
  return new DomainError(
    "GROUP_REQUIRED",
    `${method} is for members of group "${group}", or of "${rootGroup}" while there is no such group`,
    { method: `fleetgate.admin.v1.GroupService/${method}`, group },
  );
}

/** Checks the name of a group that is to be written. Fails with INVALID_FIELD, and GROUP_PROTECTED for an external one. */
export function checkWritable(field: string, name: string, action: GroupAction): void {
  if (!groupName.test(name)) throw invalidField(field, groupName.rule);
  if (isExternal(name)) {
    throw protectedGroup(name, action, "external groups are changed by ImportGroups only");
  }
}

/** Whether a group is imported: its name has a prefix. */
export function isExternal(name: string): boolean {
  return name.includes("/");
}

/** The group that an editor wants to change. Throws NOT_FOUND, and MANAGED_BY_SOURCE unless it is taken over now. */
export function editableGroup(state: ReplicaState, name: string, now: Date): GroupEntry {
  const entry = state.snapshot.groups.entry(name);
  if (entry === undefined) throw noSuchGroup(name);
  if (!isEditedHere(state, entry, now)) throw managedBySource(name, entry.managedBy);
  return entry;
}

/** Whether no source manages a group, or it is taken over now. */
export function isEditedHere(
  state: ReplicaState,
  { name, managedBy }: Pick<GroupEntry, "name" | "managedBy">,
  now: Date,
): boolean {
  return managedBy === "" || takeOverInForce(state, name, now) !== undefined;
}
