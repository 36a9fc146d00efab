import type { BotGroup } from "../domain/model.ts";
import { isSameList } from "../domain/same-list.ts";
import { finish, type Steps } from "../domain/steps.ts";
import { createBotIndexInSteps, type BotIndex } from "./bot-index.ts";
import { createServerLevel } from "./server-level.ts";
import type { SnapshotInput } from "./snapshot-input.ts";
import { unusable } from "./unusable.ts";
import type { Warn } from "./warnings.ts";

/** Settings, pools and bots at one revision. */
export interface Fleet extends BotIndex {
  /** The full name of the realm of a pool, or undefined when there is no such pool. */
  realmOfPool(pool: string): string | undefined;
  /** The groups that have the permission at the server level; empty when it has no server level. */
  serverGroups(permission: string): readonly string[];
}

const none: readonly string[] = Object.freeze([]);

type FleetInput = Pick<SnapshotInput, "settings" | "pools" | "botGroups">;

/** The bots of a fleet, and the bot groups, which never change, that they were made of. */
interface Bots {
  readonly groups: readonly BotGroup[];
  readonly index: BotIndex;
}

const botsOf = new WeakMap<Fleet, Bots>();

/** Creates the fleet of a snapshot, with the defaults of the settings filled in. */
export function createFleet(input: FleetInput, warn: Warn): Fleet {
  return finish(createFleetInSteps(input, warn));
}

/** The same in steps. Bots are taken over from the fleet before when the bot groups are the same objects. */
export function* createFleetInSteps(input: FleetInput, warn: Warn, before?: Fleet): Steps<Fleet> {
  const realms = new Map<string, string>();
  for (const { name, realm } of input.pools) {
    if (realms.has(name)) throw unusable("pool", name, "is defined twice");
    realms.set(name, realm);
  }
  const serverLevel = createServerLevel(input.settings);
  const known = before && botsOf.get(before);
  const isSame = known !== undefined && isSameList(known.groups, input.botGroups);
  const bots = isSame ? known.index : yield* createBotIndexInSteps(input.botGroups);
  // One check asks about one pool twice: may it be asked about, and what is the answer?
  let lastPool: string | undefined;
  let lastRealm: string | undefined;
  const fleet: Fleet = {
    realmOfPool(pool) {
      if (pool === lastPool) return lastRealm;
      const realm = realms.get(pool);
      if (realm === undefined) {
        warn("unknown_pool", pool);
        return undefined;
      }
      lastPool = pool;
      lastRealm = realm;
      return realm;
    },
    serverGroups: (permission) => serverLevel.get(permission) ?? none,
    poolsOfBot: (botId) => bots.poolsOfBot(botId),
  };
  botsOf.set(fleet, { groups: input.botGroups, index: bots });
  return fleet;
}
