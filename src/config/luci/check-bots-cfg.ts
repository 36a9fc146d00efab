import { botId } from "../../domain/names.ts";
import { expandNumberSet } from "../../domain/number-set.ts";
import { quote } from "../../domain/quote.ts";
import { maxBotIds } from "../rules/bot-ids.ts";
import type { LuciBotGroup } from "./bots-cfg.ts";
import type { PlacedText, ReadingNotes } from "./message-reader.ts";

/** Notes what makes the bot groups ambiguous: ids and prefixes that meet, and a second default group. */
export function checkBotsCfg(groups: readonly LuciBotGroup[], notes: ReadingNotes): void {
  checkBotIds(groups, notes);
  checkPrefixes(groups, notes);
  const defaults = groups.filter(
    ({ botIds, botIdPrefixes }) => botIds.length === 0 && botIdPrefixes.length === 0,
  );
  const [first] = defaults;
  for (const { position } of defaults.slice(1)) {
    const message = `a second default group: that of line ${first?.position.line ?? 0} has no bot_id and no bot_id_prefix either`;
    notes.problems.push({ position, message });
  }
}

function checkBotIds(groups: readonly LuciBotGroup[], { problems }: ReadingNotes): void {
  const lines = new Map<string, number>();
  for (const { text, position } of groups.flatMap(({ botIds }) => botIds)) {
    const report = (message: string): void => {
      problems.push({ position, message });
    };
    if (text === "") {
      report("bot_id must not be empty");
      continue;
    }
    const expanded = expandNumberSet(text);
    if (expanded.problem !== undefined) {
      report(`${quote(text)} is not a bot id: ${expanded.problem}`);
      continue;
    }
    const bad = expanded.ids.find((id) => !botId.test(id));
    if (bad !== undefined) {
      report(`a bot id ${botId.rule}: ${quote(bad)}`);
      continue;
    }
    if (lines.size + expanded.ids.length > maxBotIds) {
      report(`there are more than ${maxBotIds} bot ids`);
      return;
    }
    const taken = expanded.ids.find((id) => lines.has(id));
    if (taken !== undefined) {
      report(`the bot id ${quote(taken)} stands in line ${lines.get(taken) ?? 0} already`);
    }
    for (const id of expanded.ids) if (!lines.has(id)) lines.set(id, position.line);
  }
}

function checkPrefixes(groups: readonly LuciBotGroup[], { problems }: ReadingNotes): void {
  const prefixes = groups.flatMap(({ botIdPrefixes }) => botIdPrefixes);
  for (const { text, position } of prefixes) {
    if (botId.test(text)) continue;
    const message =
      text === ""
        ? "bot_id_prefix must not be empty"
        : `the start of a bot id ${botId.rule}: ${quote(text)}`;
    problems.push({ position, message });
  }
  // Sorted, a prefix comes right before all texts that it starts. The open ones are kept on a stack.
  const sorted = prefixes
    .filter(({ text }) => botId.test(text))
    .sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0));
  const open: PlacedText[] = [];
  for (const prefix of sorted) {
    let outer = open.at(-1);
    while (outer !== undefined && !prefix.text.startsWith(outer.text)) {
      open.pop();
      outer = open.at(-1);
    }
    if (outer !== undefined) {
      const message =
        outer.text === prefix.text
          ? `the prefix ${quote(prefix.text)} stands in line ${outer.position.line} already`
          : `the prefix ${quote(outer.text)} of line ${outer.position.line} is the start of ${quote(prefix.text)}`;
      problems.push({ position: prefix.position, message });
    }
    open.push(prefix);
  }
}
