import { within, type Place } from "../place.ts";
import type { ProblemList } from "../problem-list.ts";
import { checkList, type ListRule } from "../rules/fields.ts";
import { show } from "../show.ts";

/** Two fields for the same: one for a single value, one for a list. Each with its value. */
export interface OneOrMany {
  readonly one: readonly [field: string, value: string];
  readonly many: readonly [field: string, values: readonly string[]];
  readonly list: ListRule;
  /** Called for each good value. */
  readonly each?: (value: string, place: Place) => void;
}

/** Checks the two fields, of which only one may be used, and returns the good values. */
export function oneOrMany(
  problems: ProblemList,
  parent: Place,
  { one, many, list, each }: OneOrMany,
): readonly string[] {
  const [single, value] = one;
  const [plural, values] = many;
  const good: string[] = [];
  if (value !== "" && values.length > 0) {
    const message = `${single} and ${plural} exclude each other`;
    problems.error(within(parent, single), message, `put it under ${plural}`);
  }
  if (value !== "") {
    const place = within(parent, single);
    if (list.rule.test(value)) {
      each?.(value, place);
      good.push(value);
    } else {
      const hint = list.hintOf?.(value) ?? `it ${list.rule.rule}`;
      problems.error(place, `${show(value)} is not ${list.item}`, hint);
    }
  }
  checkList(problems, parent, plural, values, {
    ...list,
    each: (item, place) => {
      each?.(item, place());
      good.push(item);
    },
  });
  return good;
}
