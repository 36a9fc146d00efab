import type { ColumnType } from "kysely";

/** A timestamptz: a Date when read, a Date or ISO 8601 text when written. */
export type Timestamp = ColumnType<Date, Date | string, Date | string>;

/** A timestamptz that may be missing. */
export type NullableTimestamp = ColumnType<
  Date | null,
  Date | string | null | undefined,
  Date | string | null
>;

/** A bytea: a plain Uint8Array on every database. */
export type Bytes = ColumnType<Uint8Array, Uint8Array, Uint8Array>;
