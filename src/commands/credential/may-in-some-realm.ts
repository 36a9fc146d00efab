import type { Actor } from "../../credentials/deps.ts";
import { rootGroup } from "../../domain/names.ts";
import type { FleetgatePermission } from "../../domain/permissions.ts";
import type { Snapshot } from "../../engine/snapshot.ts";

/** Of how many identities a snapshot remembers it. */
const maxRemembered = 10_000;

const remembered = new WeakMap<Snapshot, Map<string, boolean>>();

/** Whether an actor has a permission in any realm at all. No task counts: it is of one realm. */
export function mayInSomeRealm(
  snapshot: Snapshot,
  { identity, record }: Actor,
  permission: FleetgatePermission,
): boolean {
  if (record?.kind === "task") return false;
  if (record === undefined && snapshot.authDb.isMember(identity, rootGroup)) return true;
  const known = remembered.get(snapshot) ?? new Map<string, boolean>();
  remembered.set(snapshot, known);
  const key = `${permission} ${identity}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  if (known.size >= maxRemembered) known.clear();
  const isGiven = hasItSomewhere(snapshot, identity, permission);
  known.set(key, isGiven);
  return isGiven;
}

function hasItSomewhere(
  { authDb, realms }: Snapshot,
  identity: Actor["identity"],
  permission: FleetgatePermission,
): boolean {
  const test = authDb.permissionTest(identity, permission);
  for (const realm of realms.everyName()) if (test(realm)) return true;
  return false;
}
