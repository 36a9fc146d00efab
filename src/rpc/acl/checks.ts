import { botCheck } from "./bot-check.ts";
import { packedCheck } from "./packed.ts";
import { allPoolsCheck, anyPoolsCheck, filterPoolsCheck, poolCheck } from "./pool-checks.ts";
import { actAsCheck, createInRealmCheck } from "./realm-checks.ts";
import { serverCheck } from "./server-check.ts";
import { taskCheck } from "./task-check.ts";

/** The kinds of checks, each by its name in a batch; and the packed batch, which is of none. */
export const aclChecks = {
  server: serverCheck,
  pool: poolCheck,
  allPools: allPoolsCheck,
  anyPools: anyPoolsCheck,
  filterPools: filterPoolsCheck,
  task: taskCheck,
  bot: botCheck,
  createInRealm: createInRealmCheck,
  actAs: actAsCheck,
  packed: packedCheck,
};

/** The checks behind AclService; a Fleetgate for the tests of others puts a table in their place. */
export type AclChecks = Readonly<typeof aclChecks>;

/** A kind of checks. */
export type CheckKind = Exclude<keyof AclChecks, "packed">;
