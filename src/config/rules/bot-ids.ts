import { botId } from "../../domain/names.ts";
import { expandNumberSet, maxNumberSetSize } from "../../domain/number-set.ts";
import { within, type Place } from "../place.ts";
import { show } from "../show.ts";
import { describeSource, type RuleContext } from "./context.ts";

/** The most bot ids, expanded, that all sources may list together. */
export const maxBotIds = 2 * maxNumberSetSize;

/** Bot ids: good names with good number sets, and after expansion none of them twice in any source. */
export function checkBotIds({ config, others, problems }: RuleContext): void {
  const owners = new Map<string, string>();
  for (const [source, { botGroups }] of others) {
    for (const group of botGroups) {
      const owner = `${show(group.name)} of ${describeSource(source)}`;
      for (const text of group.botIds) {
        const expanded = expandNumberSet(text);
        // It was valid when it was stored.
        if (expanded.problem !== undefined) continue;
        for (const id of expanded.ids) owners.set(id, owner);
      }
    }
  }
  for (const { value, place } of config.botGroups) {
    const owner = show(value.name);
    for (const [index, text] of value.botIds.entries()) {
      const at = (): Place => within(place, "bot_ids", index);
      const expanded = expandNumberSet(text);
      if (expanded.problem !== undefined) {
        const hint = 'sets look like "vm{1..9,12}-m1"; write "{{" for a brace';
        problems.error(at(), `${show(text)} is not a bot id: ${expanded.problem}`, hint);
        continue;
      }
      const bad = expanded.ids.find((id) => !botId.test(id));
      if (bad !== undefined) {
        problems.error(at(), `${show(bad)} is not a bot id`, `it ${botId.rule}`);
        continue;
      }
      if (owners.size + expanded.ids.length > maxBotIds) {
        problems.error(at(), `there are more than ${maxBotIds} bot ids`, "use bot_id_prefixes");
        return;
      }
      const taken = expanded.ids.find((id) => owners.has(id));
      if (taken !== undefined) {
        const message = `the bot id ${show(taken)} is in the bot group ${owners.get(taken) ?? ""} already`;
        problems.error(
          at(),
          message,
          "a bot is in one bot group: take the id away from one of them",
        );
      }
      for (const id of expanded.ids) if (!owners.has(id)) owners.set(id, owner);
    }
  }
}
