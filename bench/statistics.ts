/**
 * The quantile of values that are in ascending order, `q` from 0 to 1: the smallest value with at least
 * that share of all values at or below it. NaN when there are none.
 */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const rank = Math.max(1, Math.ceil(q * ascending.length));
  return ascending[rank - 1] ?? NaN;
}

/** The median; of an even number of values the mean of the middle two. NaN when there are none. */
export function median(values: Iterable<number>): number {
  const ascending = Float64Array.from(values).sort();
  const middle = ascending.length >>> 1;
  if (ascending.length % 2 === 1) return ascending[middle] ?? NaN;
  return ((ascending[middle - 1] ?? NaN) + (ascending[middle] ?? NaN)) / 2;
}

/** The elements from place `by` on, then those before it: each round begins with another one. */
export function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
