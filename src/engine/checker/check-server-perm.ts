import type { Identity } from "../../domain/identity.ts";
import { deny, permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { hasServerPerm } from "./has-server-perm.ts";

/** Checks a permission at the server level. */
export function checkServerPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): Decision {
  if (hasServerPerm(snapshot, caller, permission)) return permitted;
  return denyAtServer(caller, permission);
}

/** The denial of checkServerPerm: it depends on nothing but the question. */
export function denyAtServer(caller: Identity, permission: string): Denied {
  return deny(caller, permission, () => "at the server level");
}
