import { botGroupName, poolName } from "../../domain/names.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import { checkBotIds } from "./bot-ids.ts";
import { checkBotIdPrefixes } from "./bot-id-prefixes.ts";
import { describeSource, type RuleContext } from "./context.ts";
import { checkList, checkRequired } from "./fields.ts";

/** Bot groups: names and pools here; ids and prefixes, judged across all sources, in files of their own. */
export function checkBotGroups(context: RuleContext): void {
  const { config, known, problems } = context;
  for (const { value, place } of config.botGroups) {
    checkRequired(problems, place, "name", value.name, botGroupName);
    checkList(problems, place, "pools", value.pools, {
      item: "a good pool name",
      rule: poolName,
      each: (name, at) => {
        if (known.pools.has(name)) return;
        const hint = (): string => suggest(name, known.pools) || "declare it under pools";
        problems.warning(at(), `no pool is named ${show(name)}: nobody can use it`, hint);
      },
    });
  }
  checkDefaultGroup(context);
  checkBotIds(context);
  checkBotIdPrefixes(context);
}

function checkDefaultGroup({ config, others, problems }: RuleContext): void {
  let first: string | undefined;
  for (const [source, { botGroups }] of others) {
    const found = botGroups.find(isDefault);
    if (found !== undefined) first = `${show(found.name)} of ${describeSource(source)}`;
  }
  for (const { value, place } of config.botGroups) {
    if (!isDefault(value)) continue;
    if (first !== undefined) {
      const message = `a second default group: ${first} has no bot ids and no prefixes either`;
      problems.error(place, message, "give one of them bot_ids or bot_id_prefixes");
    }
    first ??= show(value.name);
  }
}

function isDefault(group: {
  readonly botIds: readonly string[];
  readonly botIdPrefixes: readonly string[];
}): boolean {
  return group.botIds.length === 0 && group.botIdPrefixes.length === 0;
}
