import type { Identity } from "../../domain/identity.ts";
import { deny, permitted, type Decision } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { hasServerPerm } from "./has-server-perm.ts";

/** Checks a permission at the server level. */
export function checkServerPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): Decision {
  if (hasServerPerm(snapshot, caller, permission)) return permitted;
  return deny(caller, permission, () => "at the server level");
}
