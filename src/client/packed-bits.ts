/**
 * Whether the resource `index` of a BatchCheckPacked is permitted; `permitted` is the field of its response. Throws a
 * RangeError when the field has no such bit.
 */
export function isPermitted(permitted: Uint8Array, index: number): boolean {
  const byte = permitted[Math.floor(index / 8)];
  if (byte === undefined || !Number.isInteger(index)) {
    throw new RangeError(`there is no bit ${index} in ${permitted.length} bytes`);
  }
  return (byte & (1 << (index & 7))) !== 0;
}

/** The indexes of the resources that are permitted, ascending. */
export function permittedIndexes(permitted: Uint8Array): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < permitted.length * 8; index += 1) {
    if (isPermitted(permitted, index)) indexes.push(index);
  }
  return indexes;
}
