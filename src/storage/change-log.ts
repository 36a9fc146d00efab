import { sql } from "kysely";
import type { EntityChange } from "../domain/entity.ts";
import type { HashedChange } from "./chain-hash.ts";
import { jsonChunks } from "./json-chunks.ts";
import type { Db } from "./storage.ts";

/** A change of the log as it is written. */
export interface ChangeEntry extends HashedChange {
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
}

/** The items of a change, in their order. */
export async function readItems(db: Db, revision: bigint): Promise<readonly EntityChange[]> {
  const rows = await db
    .selectFrom("change_item")
    .select(["kind", "key", "before", "after"])
    .where("revision", "=", revision)
    .orderBy("seq")
    .execute();
  return rows.map(
    ({ kind, key, before, after }) =>
      ({ kind, key, before: before ?? undefined, after: after ?? undefined }) as EntityChange,
  );
}

/** Appends a change and its items to the log. */
export async function appendChange(
  db: Db,
  entry: ChangeEntry,
  items: readonly EntityChange[],
): Promise<void> {
  const hasRequest = entry.requestId !== "";
  await db
    .insertInto("change")
    .values({
      revision: entry.revision,
      at: entry.at,
      author: entry.author,
      reason: entry.reason,
      source: entry.source ?? null,
      request_id: hasRequest ? entry.requestId : null,
      request_hash: hasRequest ? entry.requestHash : null,
      prev_hash: entry.prevHash,
      hash: entry.hash,
    })
    .execute();
  for (const { json } of jsonChunks(items, toItem)) {
    await sql`
      insert into change_item (revision, seq, kind, key, op, before, after)
      select ${entry.revision.toString()}::bigint, seq, kind, key, op, before, after
      from json_to_recordset(${json}::json)
        as r (seq integer, kind text, key text, op text, before jsonb, after jsonb)
    `.execute(db);
  }
}

function toItem({ kind, key, before, after }: EntityChange, index: number): object {
  const op = before === undefined ? "create" : after === undefined ? "delete" : "update";
  return { seq: index + 1, kind, key, op, before, after };
}
