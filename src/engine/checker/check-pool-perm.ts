import type { Identity } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import { deny, permitAll, permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { hasServerPerm } from "./has-server-perm.ts";
import { createPoolTest } from "./pool-test.ts";

/**
 * Checks a permission in one pool: at the server level, which covers pools that do not exist too, else in
 * the realm of the pool. A denial does not tell a forbidden pool from an unknown one.
 */
export function checkPoolPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
  pool: string,
): Decision {
  if (hasServerPerm(snapshot, caller, permission)) return permitted;
  const realm = snapshot.fleet.realmOfPool(pool);
  if (realm !== undefined && snapshot.authDb.hasPermission(caller, permission, realm)) {
    return permitted;
  }
  return denyPool(caller, permission, pool);
}

/** The denial of checkPoolPerm: it depends on nothing but the question. */
export function denyPool(caller: Identity, permission: string, pool: string): Denied {
  const about = (): string => `in pool ${quote(pool)} (or the pool does not exist)`;
  return deny(caller, permission, about, { pool });
}

/** Creates the test whether checkPoolPerm permits, for many pools: what they share is looked up once. */
export function createPoolPermTest(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): (pool: string) => boolean {
  return hasServerPerm(snapshot, caller, permission)
    ? permitAll
    : createPoolTest(snapshot, caller, permission);
}
