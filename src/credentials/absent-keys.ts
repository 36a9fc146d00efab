/** Remembers for a moment what is not in the database, so that whoever asks for it again and again costs nothing. */
export interface AbsentKeys {
  /** Whether a read that began within the last second found nothing under any of these. */
  has(keys: readonly string[]): boolean;
  /** What a read is to give to `add`: what was forgotten since then is not brought back. */
  readonly mark: () => number;
  /** Notes that a read that began at `readAt` found nothing under these. */
  add(keys: readonly string[], readAt: number, mark: number): void;
  /** Forgets all: something came into being, maybe just that. */
  clear(): void;
}

/** For how many milliseconds absence is believed. */
export const absentMs = 1_000;

/** How many absent keys are remembered; the oldest goes first. */
export const maxAbsentKeys = 10_000;

/** Creates an empty memory. `now` is a clock that does not jump, in milliseconds. */
export function createAbsentKeys(now: () => number): AbsentKeys {
  const readAtByKey = new Map<string, number>();
  let clearings = 0;
  return {
    has: (keys) => keys.every((key) => now() - (readAtByKey.get(key) ?? -Infinity) < absentMs),
    mark: () => clearings,
    add: (keys, readAt, mark) => {
      if (mark !== clearings) return;
      for (const key of keys) {
        readAtByKey.delete(key);
        readAtByKey.set(key, readAt);
      }
      for (const oldest of readAtByKey.keys()) {
        if (readAtByKey.size <= maxAbsentKeys) break;
        readAtByKey.delete(oldest);
      }
    },
    clear: () => {
      clearings += 1;
      readAtByKey.clear();
    },
  };
}
