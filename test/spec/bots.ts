import { expandNumberSet } from "./number-set.ts";
import type { World, WorldBotGroup } from "./world.ts";

/** The pools of a bot; never none. A bot that no group knows is in the default group. */
export function poolsOfBot(world: World, botId: string): readonly string[] {
  const pools = groupOfBot(world, botId)?.pools ?? [];
  return pools.length === 0 ? ["unassigned"] : pools;
}

/**
 * The bot group of a bot: the one that lists the whole id; else the one that lists the host, which is what
 * stands before the first `--`; else the one with a prefix of the host; else the default group.
 */
function groupOfBot(world: World, botId: string): WorldBotGroup | undefined {
  const groups = world.bot_groups ?? [];
  const host = botId.split("--")[0] ?? "";
  return (
    groups.find((group) => lists(group, botId)) ??
    groups.find((group) => lists(group, host)) ??
    groups.find((group) =>
      (group.bot_id_prefixes ?? []).some((prefix) => host.startsWith(prefix)),
    ) ??
    groups.find(isDefault)
  );
}

function lists(group: WorldBotGroup, botId: string): boolean {
  return (group.bot_ids ?? []).some((text) => expandNumberSet(text)?.includes(botId) === true);
}

function isDefault(group: WorldBotGroup): boolean {
  return (group.bot_ids ?? []).length === 0 && (group.bot_id_prefixes ?? []).length === 0;
}
