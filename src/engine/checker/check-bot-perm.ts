import type { Identity } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import { deny, permitAll, permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import { createAnyPoolTest } from "./any-pool-test.ts";
import { hasServerPerm } from "./has-server-perm.ts";
import { createPoolTest } from "./pool-test.ts";

/**
 * Checks a permission on a bot: at the server level, else in at least one of the pools of the bot. A
 * denial never names a pool: the caller may not know which pools a bot is in.
 */
export function checkBotPerm(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
  botId: string,
): Decision {
  if (hasServerPerm(snapshot, caller, permission)) return permitted;
  const pools = snapshot.fleet.poolsOfBot(botId);
  if (pools.some(createPoolTest(snapshot, caller, permission))) return permitted;
  return denyBot(caller, permission, botId);
}

/** The denial of checkBotPerm: it depends on nothing but the question. */
export function denyBot(caller: Identity, permission: string, botId: string): Denied {
  const about = (): string => `on bot ${quote(botId)} (or the bot does not exist)`;
  return deny(caller, permission, about, { bot: botId });
}

/** Creates the test whether checkBotPerm permits, for many bots: what they share is looked up once. */
export function createBotPermTest(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
): (botId: string) => boolean {
  if (hasServerPerm(snapshot, caller, permission)) return permitAll;
  const isPermitted = createAnyPoolTest(snapshot, caller, permission);
  return (botId) => isPermitted(snapshot.fleet.poolsOfBot(botId));
}
