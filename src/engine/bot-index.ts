import type { BotGroup } from "../domain/model.ts";
import { expandNumberSet } from "../domain/number-set.ts";
import { compareBytewise } from "../domain/bytewise.ts";
import { finish, type Steps } from "../domain/steps.ts";
import { createTextTable } from "./text-table.ts";
import { unusable } from "./unusable.ts";

/** Which pools each bot is in. */
export interface BotIndex {
  /** The pools of a bot, sorted and distinct, never empty; every bot id has some. */
  poolsOfBot(botId: string): readonly string[];
}

/** The pool of bots to which the configuration gives none. */
const unassigned: readonly string[] = Object.freeze(["unassigned"]);

/** Creates the index at one go; see createBotIndexInSteps. */
export function createBotIndex(botGroups: readonly BotGroup[]): BotIndex {
  return finish(createBotIndexInSteps(botGroups));
}

/**
 * Creates the index. A bot belongs to the group that lists it; else, if its id is composite (`host--n`),
 * to the one that lists its host; else to the one with a prefix of its host; else to the default group,
 * which has neither ids nor prefixes.
 */
export function* createBotIndexInSteps(botGroups: readonly BotGroup[]): Steps<BotIndex> {
  // By the number of their list.
  const byId = createTextTable();
  const lists: (readonly string[])[] = [];
  const prefixes: { readonly prefix: string; readonly pools: readonly string[] }[] = [];
  let defaultGroup: BotGroup | undefined;
  for (const group of botGroups) {
    yield;
    const pools = poolsOfGroup(group);
    if (group.botIds.length === 0 && group.botIdPrefixes.length === 0) {
      if (defaultGroup !== undefined)
        throw unusable("default bot group", group.name, "is the second one");
      defaultGroup = group;
    }
    for (const botId of expandAll(group)) {
      if (byId.size() % idsOfStep === 0) yield;
      if (!byId.add(botId, lists.length)) throw unusable("bot", botId, "is defined twice");
    }
    lists.push(pools);
    for (const prefix of group.botIdPrefixes) prefixes.push({ prefix, pools });
  }
  byId.trim();
  const findByPrefix = createPrefixSearch(prefixes);
  const defaultPools = defaultGroup === undefined ? unassigned : poolsOfGroup(defaultGroup);

  function listOf(botId: string): readonly string[] | undefined {
    const list = byId.find(botId);
    return list === undefined ? undefined : lists[list];
  }

  return {
    poolsOfBot(botId) {
      const listed = listOf(botId);
      if (listed !== undefined) return listed;
      const separator = botId.indexOf("--");
      const host = separator < 0 ? botId : botId.slice(0, separator);
      return (separator < 0 ? undefined : listOf(host)) ?? findByPrefix(host) ?? defaultPools;
    },
  };
}

// Well below a millisecond of work.
const idsOfStep = 1024;

function poolsOfGroup(group: BotGroup): readonly string[] {
  if (group.pools.length === 0) return unassigned;
  return Object.freeze([...new Set(group.pools)].sort(compareBytewise));
}

function* expandAll(group: BotGroup): Generator<string> {
  for (const text of group.botIds) {
    const expansion = expandNumberSet(text);
    if (expansion.problem !== undefined) throw unusable("bot group", group.name, expansion.problem);
    yield* expansion.ids;
  }
}

/**
 * Finds by binary search what the only prefix of a text stands for. No prefix is the start of another:
 * everything from a prefix up to a text that it starts, starts with it too, so the last prefix that is not
 * above the text is the only candidate.
 */
function createPrefixSearch(
  entries: readonly { readonly prefix: string; readonly pools: readonly string[] }[],
): (text: string) => readonly string[] | undefined {
  const sorted = entries.toSorted((left, right) => (left.prefix < right.prefix ? -1 : 1));
  for (const [index, { prefix }] of sorted.entries()) {
    const next = sorted[index + 1]?.prefix;
    if (next?.startsWith(prefix) === true)
      throw unusable("bot id prefix", prefix, "is the start of another");
  }
  return (text) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.prefix ?? "") <= text) low = middle + 1;
      else high = middle;
    }
    const candidate = sorted[low - 1];
    return candidate !== undefined && text.startsWith(candidate.prefix)
      ? candidate.pools
      : undefined;
  };
}
