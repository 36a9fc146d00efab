import type { EntityChange } from "../domain/entity.ts";

/** How many entities of one kind a change creates, updates and deletes. */
export interface KindSummary {
  readonly kind: string;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

/** Counts changes by kind; kinds in alphabetical order. */
export function summarizeChanges(changes: readonly EntityChange[]): readonly KindSummary[] {
  const counts = new Map<string, { created: number; updated: number; deleted: number }>();
  for (const change of changes) {
    const count = counts.get(change.kind) ?? { created: 0, updated: 0, deleted: 0 };
    if (change.before === undefined) count.created += 1;
    else if (change.after === undefined) count.deleted += 1;
    else count.updated += 1;
    counts.set(change.kind, count);
  }
  return [...counts.keys()].sort().map((kind) => ({
    kind,
    ...(counts.get(kind) ?? { created: 0, updated: 0, deleted: 0 }),
  }));
}
