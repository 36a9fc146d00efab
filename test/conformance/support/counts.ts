import assert from "node:assert/strict";

/** Counts what was seen, so that no property holds for want of cases. */
export type Counts = Map<string, number>;

/** Counts one more. */
export function count(counts: Counts, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

/** Whether each was seen so many times. */
export function hasSeen(counts: Counts, whats: readonly string[], least: number): boolean {
  return whats.every((what) => (counts.get(what) ?? 0) >= least);
}

/** Asserts that each was seen so many times. */
export function assertSeen(counts: Counts, whats: readonly string[], least: number): void {
  for (const what of whats) {
    const seen = counts.get(what) ?? 0;
    assert.ok(seen >= least, `${what} was seen ${seen} times only`);
  }
}
