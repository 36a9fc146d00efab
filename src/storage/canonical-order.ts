import type { Binding, Condition, Delegation } from "../domain/model.ts";

// SQL orders names, but not what has none. The canonical form of configurations says how.

/** Delegations in the order of their fields as a JSON array. */
export function orderDelegations(delegations: readonly Delegation[]): readonly Delegation[] {
  return delegations
    .map((delegation) => {
      const { group, callerGlobs, permissions, realms } = delegation;
      const key = JSON.stringify([group, callerGlobs, permissions, realms]);
      return { delegation, bytes: Buffer.from(key) };
    })
    .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
    .map(({ delegation }) => delegation);
}

/** Orders bindings by role, and those of one role by their conditions: fewer first if they begin alike. */
export function compareBindings(left: Binding, right: Binding): number {
  return (
    compareBytes(left.role, right.role) ||
    compareLists(left.conditions, right.conditions, compareCondition)
  );
}

function compareCondition(left: Condition, right: Condition): number {
  return (
    compareBytes(left.attribute, right.attribute) ||
    compareLists(left.values, right.values, compareBytes)
  );
}

function compareLists<T>(
  left: readonly T[],
  right: readonly T[],
  compare: (left: T, right: T) => number,
): number {
  for (const [index, item] of left.entries()) {
    if (index === right.length) break;
    const order = compare(item, right[index] as T);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareBytes(left: string, right: string): number {
  return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));
}
