/**
 * Orders texts by their UTF-8 bytes, as Postgres does with collation "C". It differs from the order of
 * UTF-16 code units only where a surrogate meets a character from U+E000 to U+FFFF.
 */
export function compareBytewise(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
