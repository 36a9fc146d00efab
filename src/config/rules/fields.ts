import type { NameRule } from "../../domain/names.ts";
import { hasForbiddenCharacter } from "../../domain/text.ts";
import { within, type Place } from "../place.ts";
import type { ProblemList } from "../problem-list.ts";
import { show } from "../show.ts";

/** A rule for values that are not names: any text of up to `maxLength` UTF-16 code units. */
export function textOf(minLength: number, maxLength: number): NameRule {
  return {
    test: (text) =>
      text.length >= minLength && text.length <= maxLength && !hasForbiddenCharacter(text),
    rule: `must be ${minLength} to ${maxLength} characters without control characters`,
  };
}

/** Checks a field that must be set; returns whether its value is good. */
export function checkRequired(
  problems: ProblemList,
  parent: Place,
  field: string,
  value: string,
  rule: NameRule,
): boolean {
  if (value !== "") return checkOptional(problems, parent, field, value, rule);
  problems.error(within(parent, field), `${field} is missing`, `it ${rule.rule}`);
  return false;
}

/** Checks a field that may be empty; returns whether its value is good. */
export function checkOptional(
  problems: ProblemList,
  parent: Place,
  field: string,
  value: string,
  rule: NameRule,
): boolean {
  if (value === "" || rule.test(value)) return true;
  problems.error(within(parent, field), `${field} ${show(value)} is malformed`, `it ${rule.rule}`);
  return false;
}

/** How the items of a list of texts are checked. */
export interface ListRule {
  /** What an item is called in messages, with its article, e.g. `a permission`. */
  readonly item: string;
  readonly rule: NameRule;
  /** How serious it is when an item stands there twice; a warning unless given. */
  readonly repeated?: (item: string) => "error" | "warning";
  /** What is compared to find repetitions; the item itself unless given. */
  readonly keyOf?: (item: string) => string;
  /** The hint for a bad item; the rule unless given. */
  readonly hintOf?: (item: string) => string;
  /** Called for each good item that does not repeat another. */
  readonly each?: (item: string, place: () => Place) => void;
}

/** Checks a list of texts that stands for a set: every item by the rule, none twice. */
export function checkList(
  problems: ProblemList,
  parent: Place,
  field: string,
  items: readonly string[],
  list: ListRule,
): void {
  const seen = new Map<string, string>();
  for (const [index, item] of items.entries()) {
    // Lists can have a million items: their places are made only when needed.
    const place = (): Place => within(parent, field, index);
    if (!list.rule.test(item)) {
      const hint = (): string => list.hintOf?.(item) ?? `it ${list.rule.rule}`;
      problems.error(place(), `${show(item)} is not ${list.item}`, hint);
      continue;
    }
    const key = list.keyOf === undefined ? item : list.keyOf(item);
    const first = seen.get(key);
    if (first !== undefined) {
      const message =
        first === item
          ? `${show(item)} stands in ${field} twice`
          : `${show(item)} is the same as ${show(first)}`;
      problems[list.repeated?.(item) ?? "warning"](place(), message, "take one away");
      continue;
    }
    seen.set(key, item);
    list.each?.(item, place);
  }
}
