import type { QueryResult } from "pg";
import type { SessionRow } from "../storage.ts";

/** The rows of the last statement of a text: pg answers one of several statements with an array of results. */
export function lastRows(
  result: QueryResult<SessionRow> | readonly QueryResult<SessionRow>[],
): readonly SessionRow[] {
  const last = Array.isArray(result)
    ? (result as readonly QueryResult<SessionRow>[]).at(-1)
    : (result as QueryResult<SessionRow>);
  return last?.rows ?? [];
}
