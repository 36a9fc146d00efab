import type { Identity } from "../../domain/identity.ts";
import { deny, permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { checkPoolPerm, denyPool } from "./check-pool-perm.ts";
import { firstPool } from "./first-pool.ts";
import { hasServerPerm } from "./has-server-perm.ts";
import { createPoolTest } from "./pool-test.ts";

/**
 * Checks a permission in every one of several pools. A denial about two or more names none of them.
 * Throws INVALID_FIELD, whoever asks, when there are no pools.
 */
export function checkAllPoolsPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
  pools: readonly string[],
): Decision {
  const first = firstPool(pools);
  if (pools.length === 1) return checkPoolPerm(snapshot, caller, permission, first);
  if (hasServerPerm(snapshot, caller, permission)) return permitted;
  if (pools.every(createPoolTest(snapshot, caller, permission))) return permitted;
  return denyAllPools(caller, permission, pools);
}

/** The denial of checkAllPoolsPerm: it depends on nothing but the question. */
export function denyAllPools(
  caller: Identity,
  permission: string,
  pools: readonly string[],
): Denied {
  const [first = ""] = pools;
  return pools.length === 1
    ? denyPool(caller, permission, first)
    : deny(caller, permission, () => somePools);
}

const somePools = "in some of the requested pools (or they do not exist)";
