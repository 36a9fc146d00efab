/** Remembers since which version somebody may do less, as long as something that was signed before may live. */
export interface ShrinkMemory {
  /** Hears of a change of a subject by which somebody may do less. */
  add(uid: string, version: bigint): void;
  /** Begins anew: from a log that tells of all the time that counts. */
  clear(): void;
  /** The highest version that was heard of; `none`: there was no such change; `unknown`: it may have been forgotten. */
  lastOf(uid: string): bigint | "none" | "unknown";
}

/** For how many milliseconds a change is remembered: the longest signed grant lives an hour, and clocks differ. */
export const rememberedMs = 70 * 60_000;

/** How many subjects are remembered; beyond that, nothing that was signed before the oldest is vouched for. */
export const maxRememberedSubjects = 1_000_000;

interface Shrink {
  readonly version: bigint;
  readonly at: number;
}

/** Creates an empty memory. `now` is a clock that does not jump, in milliseconds. */
export function createShrinkMemory(now: () => number, max = maxRememberedSubjects): ShrinkMemory {
  // In the order in which they were heard of.
  const shrinks = new Map<string, Shrink>();
  let forgotUntil = -Infinity;
  return {
    add: (uid, version) => {
      const at = now();
      const before = shrinks.get(uid);
      shrinks.delete(uid);
      const highest = before !== undefined && before.version > version ? before.version : version;
      shrinks.set(uid, { version: highest, at });
      for (const [old, { at: heardAt }] of shrinks) {
        const isOld = at - heardAt > rememberedMs;
        if (!isOld && shrinks.size <= max) break;
        if (!isOld) forgotUntil = heardAt;
        shrinks.delete(old);
      }
    },
    clear: () => {
      shrinks.clear();
      forgotUntil = -Infinity;
    },
    lastOf: (uid) => {
      const found = shrinks.get(uid);
      if (found !== undefined) return found.version;
      return now() - forgotUntil > rememberedMs ? "none" : "unknown";
    },
  };
}
