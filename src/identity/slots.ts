/** Runs work, or says that too much is waiting already: then it never runs. */
export type Slots = <T>(work: () => Promise<T>) => Promise<T> | "full";

/**
 * Makes slots for `count` pieces of work at a time; at most `maxWaiting` more wait for their turn, in the order
 * in which they came.
 */
export function createSlots(count: number, maxWaiting: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;

  async function run<T>(work: () => Promise<T>, turn: Promise<void> | undefined): Promise<T> {
    if (turn !== undefined) await turn;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  }

  return (work) => {
    if (free > 0) {
      free -= 1;
      return run(work, undefined);
    }
    if (waiting.length >= maxWaiting) return "full";
    return run(work, new Promise((resolve) => waiting.push(resolve)));
  };
}
