/** How much JSON one statement is given, in UTF-16 code units. */
const chunkLength = 2_000_000;

/**
 * JSON arrays of about 2 MB that hold all rows in their order: any number of rows is written with one
 * parameter a statement, and no statement takes long.
 */
export function* jsonChunks<Row>(
  rows: Iterable<Row>,
  toJson: (row: Row, index: number) => object,
): Generator<{ readonly json: string; readonly count: number }> {
  let parts: string[] = [];
  let length = 0;
  let index = 0;
  for (const row of rows) {
    const part = JSON.stringify(toJson(row, index));
    index += 1;
    parts.push(part);
    length += part.length;
    if (length >= chunkLength) {
      yield { json: `[${parts.join(",")}]`, count: parts.length };
      parts = [];
      length = 0;
    }
  }
  if (parts.length > 0) yield { json: `[${parts.join(",")}]`, count: parts.length };
}
