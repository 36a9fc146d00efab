/** Where somebody stands who hears of changes of credentials: all that was committed before has been told. */
export interface Cursor {
  /** The clock of the database then, milliseconds since 1970. */
  readonly at: number;
  /** Below this transaction id, everything had committed and was told. */
  readonly xid: bigint;
}

/** The text of a cursor. It is good on every replica. */
export function formatCursor({ at, xid }: Cursor): string {
  return `${Math.trunc(at)}.${xid}`;
}

/** Reads the text of a cursor; undefined: it is none. */
export function parseCursor(text: string): Cursor | undefined {
  const [, at, xid] = /^([1-9][0-9]{0,14})\.([1-9][0-9]{0,18})$/.exec(text) ?? [];
  return at === undefined || xid === undefined ? undefined : { at: Number(at), xid: BigInt(xid) };
}
