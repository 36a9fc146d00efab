import type { Identity } from "../../domain/identity.ts";
import type { Snapshot } from "../snapshot.ts";
import { hasServerPerm } from "./has-server-perm.ts";
import { createPoolTest } from "./pool-test.ts";

/**
 * Keeps those of the pools in which the caller has the permission, in their order, duplicates too. With
 * the permission at the server level it is the list itself, unknown pools included.
 */
export function filterPoolsByPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
  pools: readonly string[],
): readonly string[] {
  if (hasServerPerm(snapshot, caller, permission)) return pools;
  return pools.filter(createPoolTest(snapshot, caller, permission));
}
