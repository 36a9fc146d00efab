import { compareBytewise, compareLists, sortBytewise } from "./bytewise.ts";
import type { Binding, Condition, Delegation } from "./model.ts";

// The order, in canonical form, of what has no name.

/** Tells delegations in canonical form apart: a JSON array of the fields. */
export function delegationKey(delegation: Delegation): string {
  const { group, callerGlobs, permissions, realms } = delegation;
  return JSON.stringify([group, callerGlobs, permissions, realms]);
}

/** Distinct delegations in canonical form, in their order. */
export function sortDelegations(delegations: readonly Delegation[]): Delegation[] {
  const byKey = new Map(delegations.map((delegation) => [delegationKey(delegation), delegation]));
  return sortBytewise(byKey.keys()).map((key) => byKey.get(key) as Delegation);
}

/** Orders conditions in canonical form by attribute, then values. */
export function compareCondition(left: Condition, right: Condition): number {
  const order = compareBytewise(left.attribute, right.attribute);
  return order === 0 ? compareLists(left.values, right.values) : order;
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

/** Orders bindings by role, and those of one role by their conditions. */
export function compareBindings(left: Binding, right: Binding): number {
  const order = compareBytewise(left.role, right.role);
  return order === 0 ? compareConditions(left.conditions, right.conditions) : order;
}
