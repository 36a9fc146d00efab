/** Whether two lists hold the very same values in the same order. */
export function isSameList<T>(left: ArrayLike<T>, right: ArrayLike<T>): boolean {
  if (left === right) return true;
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false;
  return true;
}
