import { createBotIndex, type BotIndex } from "./bot-index.ts";
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

/** Creates the fleet of a snapshot, with the defaults of the settings filled in. */
export function createFleet(
  input: Pick<SnapshotInput, "settings" | "pools" | "botGroups">,
  warn: Warn,
): Fleet {
  const realms = new Map<string, string>();
  for (const { name, realm } of input.pools) {
    if (realms.has(name)) throw unusable("pool", name, "is defined twice");
    realms.set(name, realm);
  }
  const serverLevel = createServerLevel(input.settings);
  const bots = createBotIndex(input.botGroups);
  return {
    realmOfPool(pool) {
      const realm = realms.get(pool);
      if (realm === undefined) warn("unknown_pool", pool);
      return realm;
    },
    serverGroups: (permission) => serverLevel.get(permission) ?? none,
    poolsOfBot: (botId) => bots.poolsOfBot(botId),
  };
}
