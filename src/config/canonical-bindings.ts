import type { Binding, Condition } from "../domain/model.ts";
import { sortedSet } from "../domain/bytewise.ts";
import { compareBindings, compareCondition } from "../domain/canonical-order.ts";

/** Tells lists of conditions in canonical form apart: a JSON array. */
export function conditionsKey(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions.map(({ attribute, values }) => [attribute, values]));
}

/** Conditions in canonical form: distinct, by attribute and then values, the values a sorted set. */
export function canonicalConditions(conditions: readonly Condition[]): Condition[] {
  const sorted = conditions
    .map(({ attribute, values }) => ({ attribute, values: sortedSet(values) }))
    .sort(compareCondition);
  return sorted.filter((condition, index) => {
    const previous = sorted[index - 1];
    return previous === undefined || compareCondition(previous, condition) !== 0;
  });
}

/** Bindings in canonical form: one for each role and list of conditions, in this order. */
export function canonicalBindings(bindings: readonly Binding[]): Binding[] {
  const united = new Map<
    string,
    { role: string; conditions: Condition[]; principals: string[][] }
  >();
  for (const binding of bindings) {
    const conditions = canonicalConditions(binding.conditions);
    const key = JSON.stringify([binding.role, conditionsKey(conditions)]);
    const same = united.get(key);
    if (same === undefined) {
      united.set(key, { role: binding.role, conditions, principals: [[...binding.principals]] });
    } else {
      same.principals.push([...binding.principals]);
    }
  }
  return [...united.values()]
    .map(({ role, conditions, principals }) => ({
      role,
      principals: sortedSet(principals.flat()),
      conditions,
    }))
    .sort(compareBindings);
}
