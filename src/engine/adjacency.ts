/** For each row the numbers that stand in it, flat: those of row r are values[offsets[r] .. offsets[r + 1] - 1]. */
export interface Adjacency {
  readonly offsets: Uint32Array;
  readonly values: Uint32Array;
}

/**
 * Builds the rows from pairs: `values[i]` goes into row `rows[i]`. Rows are 0 to rowCount - 1. The order
 * of the pairs is kept within a row; a pair given twice stands twice.
 */
export function createAdjacency(
  rowCount: number,
  rows: readonly number[],
  values: readonly number[],
): Adjacency {
  const offsets = new Uint32Array(rowCount + 1);
  for (const row of rows) offsets[row + 1] = (offsets[row + 1] ?? 0) + 1;
  for (let row = 0; row < rowCount; row += 1) {
    offsets[row + 1] = (offsets[row + 1] ?? 0) + (offsets[row] ?? 0);
  }
  const next = offsets.slice(0, rowCount);
  const flat = new Uint32Array(rows.length);
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] ?? 0;
    const position = next[row] ?? 0;
    flat[position] = values[index] ?? 0;
    next[row] = position + 1;
  }
  return { offsets, values: flat };
}

/** What stands in a row, as a view; not a copy. */
export function rowOf({ offsets, values }: Adjacency, row: number): Uint32Array {
  return values.subarray(offsets[row], offsets[row + 1]);
}
