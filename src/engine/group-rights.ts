import { anonymousIdentity, type Identity } from "../domain/identity.ts";
import { creatorsGroup, importersGroup, rootGroup } from "../domain/names.ts";
import type { GroupEntry } from "./group-entry.ts";
import type { GroupGraph } from "./group-graph.ts";
import { groupsOf } from "./groups/membership.ts";
import { isReader } from "./reader.ts";
import type { Snapshot } from "./snapshot.ts";

// Who may what with groups. Nobody has any of these rights by being anonymous, whatever the groups say.

/** Whether an identity is a member of `administrators`. */
export function isAdministrator({ authDb }: Snapshot, identity: Identity): boolean {
  return identity !== anonymousIdentity && authDb.isMember(identity, rootGroup);
}

/** Whether an identity reads every group, and learns which groups there are: readers do. */
export function mayReadAllGroups(snapshot: Snapshot, identity: Identity): boolean {
  return identity !== anonymousIdentity && isReader(snapshot, identity);
}

/** Whether an identity may read a group: readers and members of its owners group may. */
export function mayReadGroup(
  snapshot: Snapshot,
  identity: Identity,
  group: Pick<GroupEntry, "owners">,
): boolean {
  return mayReadAllGroups(snapshot, identity) || isOwner(snapshot, identity, group);
}

/** Whether an identity may edit a group: administrators and members of its owners group may. */
export function mayEditGroup(
  snapshot: Snapshot,
  identity: Identity,
  group: Pick<GroupEntry, "owners">,
): boolean {
  return isAdministrator(snapshot, identity) || isOwner(snapshot, identity, group);
}

/** Whether an identity may create groups: a member of `group-creators`, or while there is none an administrator. */
export function mayCreateGroups(snapshot: Snapshot, identity: Identity): boolean {
  return isInOrStandsIn(snapshot, identity, creatorsGroup);
}

/** Whether there is a group that an identity may edit, or may come to be one that it creates. */
export function mayWriteSomeGroup(snapshot: Snapshot, identity: Identity): boolean {
  if (identity === anonymousIdentity) return false;
  if (isAdministrator(snapshot, identity) || mayCreateGroups(snapshot, identity)) return true;
  const { groups } = snapshot;
  const owners = ownersIn(groups);
  return groupsOf(groups.membershipOf(identity)).some((id) => {
    const name = groups.nameOf(id);
    return owners.has(name) && groups.entry(name) !== undefined;
  });
}

const ownersByGraph = new WeakMap<GroupGraph, ReadonlySet<string>>();

/** The names of the groups that own one. Found once for a version of the groups: it looks at all. */
function ownersIn(groups: GroupGraph): ReadonlySet<string> {
  const known = ownersByGraph.get(groups);
  if (known !== undefined) return known;
  const owners = new Set<string>();
  for (const entry of groups.entries()) owners.add(entry.owners);
  ownersByGraph.set(groups, owners);
  return owners;
}

/** Whether an identity may import groups: a member of `group-importers`, or while there is none an administrator. */
export function mayImportGroups(snapshot: Snapshot, identity: Identity): boolean {
  return isInOrStandsIn(snapshot, identity, importersGroup);
}

function isOwner(
  { authDb, groups }: Snapshot,
  identity: Identity,
  { owners }: Pick<GroupEntry, "owners">,
): boolean {
  if (identity === anonymousIdentity || groups.entry(owners) === undefined) return false;
  return authDb.isMember(identity, owners);
}

function isInOrStandsIn(snapshot: Snapshot, identity: Identity, group: string): boolean {
  if (snapshot.groups.entry(group) === undefined) return isAdministrator(snapshot, identity);
  return identity !== anonymousIdentity && snapshot.authDb.isMember(identity, group);
}
