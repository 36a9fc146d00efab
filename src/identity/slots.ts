/** Runs work, so much at a time and the rest in the order in which it came. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes slots for `count` pieces of work. */
export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
