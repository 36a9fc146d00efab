import type { Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../snapshot.ts";

/** Whether the caller has the permission at the server level: is in a group to which the settings give it. */
export function hasServerPerm(snapshot: Snapshot, caller: Identity, permission: string): boolean {
  return snapshot.authDb.hasServerPermission(caller, permission);
}
