import { Client } from "pg";

/** How many rows were inserted, updated and deleted in each table. */
export type RowWrites = ReadonlyMap<string, number>;

/**
 * Reads what Postgres counted since its start. A connection tells it at the latest when it ends, so that the figures of a server
 * are complete once that has stopped.
 */
export async function readRowWrites(url: string): Promise<RowWrites> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; writes: string }>(
      `select relname as name, n_tup_ins + n_tup_upd + n_tup_del as writes
       from pg_stat_user_tables`,
    );
    return new Map(rows.map(({ name, writes }) => [name, Number(writes)]));
  } finally {
    await client.end();
  }
}

/** What was written in between, without the tables that nothing was written to. */
export function writtenBetween(before: RowWrites, after: RowWrites): RowWrites {
  return new Map(
    [...after]
      .map(([name, writes]) => [name, writes - (before.get(name) ?? 0)] as const)
      .filter(([, writes]) => writes !== 0)
      .toSorted(([, a], [, b]) => b - a),
  );
}
