import type { EntityChange, EntityKind } from "./entity.ts";

/** How many entities of one kind a change creates, updates and deletes. */
export interface KindCount {
  readonly kind: EntityKind;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Counts changes by kind; kinds in alphabetical order. */
export function countChanges(changes: readonly EntityChange[]): readonly KindCount[] {
  const counts = new Map<EntityKind, { created: number; updated: number; deleted: number }>();
  for (const { kind, before, after } of changes) {
    let count = counts.get(kind);
    if (count === undefined) {
      count = { created: 0, updated: 0, deleted: 0 };
      counts.set(kind, count);
    }
    if (before === undefined) count.created += 1;
    else if (after === undefined) count.deleted += 1;
    else count.updated += 1;
  }
  return [...counts]
    .map(([kind, count]) => ({ kind, ...count }))
    .sort((left, right) => (left.kind < right.kind ? -1 : 1));
}
