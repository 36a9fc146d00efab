import type { Actor } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import { rootGroup } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { permissionRequired } from "../credential/require-permission.ts";
import { mayManage, type Manager } from "./bot-access.ts";

/** A bot as far as it matters whose it is. */
export interface PlacedBot {
  readonly id: string;
  readonly realm: string;
  /** What was said of its pool; undefined: nothing. */
  readonly pool: string | undefined;
}

/**
 * Checks that a bot is the actor's by the configuration of the fleet too: whoever has a token of its id passes for a bot of the pools that
 * the fleet gives it, and of the one that is claimed for it. Each must be of its realm, or of one where the actor manages bots.
 * Fails with PERMISSION_REQUIRED, the same bytes as for a bot that is somebody else's: which pools and realms there are is not told.
 */
export function requirePlace(snapshot: Snapshot, actor: Actor, bot: PlacedBot): void {
  if (!mayPlace(snapshot, actor, bot)) throw permissionRequired("fleetgate.bots.manage");
}

/** Whether requirePlace would let somebody go on. */
export function mayPlace(snapshot: Snapshot, who: Manager, bot: PlacedBot): boolean {
  const { fleet } = snapshot;
  const pools = fleet.poolsOfBot(bot.id);
  return (bot.pool === undefined ? pools : [...pools, bot.pool]).every((pool) => {
    const realm = fleet.realmOfPool(pool);
    // A pool that is not configured gives nothing to its bots.
    return realm === undefined || realm === bot.realm || mayManage(snapshot, who, realm);
  });
}

/**
 * The same for a new bot, of which no pool may be claimed either that is not configured: it could become somebody else's, and would
 * tell which there are. Administrators, who may know, hear INVALID_FIELD of that.
 */
export function requireNewPlace(snapshot: Snapshot, actor: Actor, bot: PlacedBot): void {
  requirePlace(snapshot, actor, bot);
  if (bot.pool === undefined || snapshot.fleet.realmOfPool(bot.pool) !== undefined) return;
  if (actor.record === undefined && snapshot.authDb.isMember(actor.identity, rootGroup)) {
    throw invalidField("pool", "must be configured");
  }
  throw permissionRequired("fleetgate.bots.manage");
}
