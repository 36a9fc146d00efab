/** A deterministic source of random choices: the same seed makes the same choices everywhere. */
export interface Random {
  /** A number from 0 up to, not including, `bound`, which must be 1 or more. */
  readonly int: (bound: number) => number;
  /** True in `percent` of 100 cases. */
  readonly chance: (percent: number) => boolean;
  /** One of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
  /** One of a list that is not empty; in four of five cases one of its first fifth. */
  readonly pickSkewed: <T>(list: readonly T[]) => T;
  /** `count` different ones of a list, or the whole list when it is shorter; in no special order. */
  readonly sample: <T>(list: readonly T[], count: number) => T[];
}

/** Makes a source of random choices (xoshiro128**, seeded by splitmix32). */
export function createRandom(seed: number): Random {
  const next = createGenerator(seed);
  const int = (bound: number): number => Math.floor((next() / 2 ** 32) * bound);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)] as T;
  return {
    int,
    pick,
    chance: (percent) => int(100) < percent,
    pickSkewed: (list) =>
      int(5) < 4 ? (list[int(Math.ceil(list.length / 5))] as (typeof list)[number]) : pick(list),
    sample: (list, count) => {
      // Steps of a width that shares no divisor with the length meet every place once.
      const { length } = list;
      if (length === 0) return [];
      let step = 1 + int(length);
      while (greatestCommonDivisor(step, length) !== 1) step = (step % length) + 1;
      const start = int(length);
      return Array.from(
        { length: Math.min(count, length) },
        (_, index) => list[(start + index * step) % length] as (typeof list)[number],
      );
    },
  };
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}

/** 32 random bits at every call. */
function createGenerator(seed: number): () => number {
  let mixed = seed >>> 0;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let word = mixed ^ (mixed >>> 16);
    word = Math.imul(word, 0x21f0aaad);
    word ^= word >>> 15;
    word = Math.imul(word, 0x735a2d97);
    return word ^ (word >>> 15);
  };
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  return () => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}
