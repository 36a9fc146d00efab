import { botId } from "../../domain/names.ts";
import { within, type Place } from "../place.ts";
import { show } from "../show.ts";
import { describeSource, type RuleContext } from "./context.ts";

/** A prefix, and where it stands if this source has it. */
interface Prefix {
  readonly text: string;
  readonly owner: string;
  readonly place: Place | undefined;
}

/** Prefixes of bot ids: good names, and none is equal to or the start of another in any source. */
export function checkBotIdPrefixes({ config, others, problems }: RuleContext): void {
  const prefixes: Prefix[] = [];
  for (const [source, { botGroups }] of others) {
    for (const group of botGroups) {
      const owner = `${show(group.name)} of ${describeSource(source)}`;
      for (const text of group.botIdPrefixes) prefixes.push({ text, owner, place: undefined });
    }
  }
  for (const { value, place } of config.botGroups) {
    for (const [index, text] of value.botIdPrefixes.entries()) {
      const at = within(place, "bot_id_prefixes", index);
      if (botId.test(text)) prefixes.push({ text, owner: show(value.name), place: at });
      else problems.error(at, `${show(text)} is not the start of a bot id`, `it ${botId.rule}`);
    }
  }
  // Sorted, a prefix comes right before all texts that it starts. The open ones are kept on a stack.
  prefixes.sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0));
  const open: Prefix[] = [];
  for (const prefix of prefixes) {
    let outer = open.at(-1);
    while (outer !== undefined && !prefix.text.startsWith(outer.text)) {
      open.pop();
      outer = open.at(-1);
    }
    if (outer !== undefined) report(prefix, outer);
    open.push(prefix);
  }

  function report(inner: Prefix, outer: Prefix): void {
    const [here, there] = inner.place === undefined ? [outer, inner] : [inner, outer];
    if (here.place === undefined) return;
    const message =
      inner.text === outer.text
        ? `the prefix ${show(here.text)} is in the bot group ${there.owner} already`
        : `the prefix ${show(outer.text)} is the start of ${show(inner.text)}: the other one is in the bot group ${there.owner}`;
    problems.error(here.place, message, "a bot is in one bot group: no prefix may start another");
  }
}
