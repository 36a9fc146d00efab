import type { Binding, Condition } from "../domain/model.ts";
import { compareBytewise, compareLists, sortedSet } from "./bytewise.ts";

/** Tells lists of conditions in canonical form apart: a JSON array. */
export function conditionsKey(conditions: readonly Condition[]): string {
  return JSON.stringify(conditions.map(({ attribute, values }) => [attribute, values]));
}

/** Orders lists of conditions in canonical form: none first, then by attribute and values. */
export function compareConditions(left: readonly Condition[], right: readonly Condition[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareCondition(left[index] as Condition, right[index] as Condition);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareCondition(left: Condition, right: Condition): number {
  const order = compareBytewise(left.attribute, right.attribute);
  return order === 0 ? compareLists(left.values, right.values) : order;
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
    .sort((left, right) => {
      const order = compareBytewise(left.role, right.role);
      return order === 0 ? compareConditions(left.conditions, right.conditions) : order;
    });
}
