import type { Identity } from "../domain/identity.ts";
import { rootGroup } from "../domain/names.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Whether an identity reads everything through InspectService: a member of `administrators` or of the
 * readers group of the settings (docs/semantics.md §12). It is no permission on the fleet.
 */
export function isReader({ authDb, readersGroup }: Snapshot, identity: Identity): boolean {
  if (authDb.isMember(identity, rootGroup)) return true;
  return readersGroup !== "" && authDb.isMember(identity, readersGroup);
}
