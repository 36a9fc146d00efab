import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { EntityChange } from "../domain/entity.ts";
import {
  itemHash,
  itemsHasher,
  linkHash,
  saltLength,
  whoHash,
  type HashedChange,
  type HashedParts,
} from "./chain-hash.ts";
import { jsonChunks } from "./json-chunks.ts";
import type { Db } from "./storage.ts";

/** A change of the log as it is written, with hashes of the second form. */
export interface ChangeEntry extends HashedChange, HashedParts {
  readonly prevHash: Uint8Array;
  readonly hash: Uint8Array;
  /** The salt of who_hash. */
  readonly salt: Uint8Array;
  /** The salts of all items, one after the other. */
  readonly itemSalts: Uint8Array;
}

/** Makes the entry of a change: draws salts and computes hashes. */
export function sealChange(
  prevHash: Uint8Array,
  change: HashedChange,
  items: readonly EntityChange[],
): ChangeEntry {
  const salt = randomBytes(saltLength);
  const itemSalts = randomBytes(saltLength * items.length);
  const hasher = itemsHasher();
  items.forEach((item, index) => hasher.add(itemHash(saltAt(itemSalts, index), item)));
  const parts = {
    revision: change.revision,
    at: change.at,
    whoHash: whoHash(salt, change),
    itemsHash: hasher.digest(),
    itemCount: items.length,
  };
  return { ...change, ...parts, prevHash, hash: linkHash(prevHash, parts), salt, itemSalts };
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
      salt: entry.salt,
      who_hash: entry.whoHash,
      items_hash: entry.itemsHash,
      item_count: entry.itemCount,
    })
    .execute();
  const toItem = ({ kind, key, before, after }: EntityChange, index: number): object => ({
    seq: index + 1,
    kind,
    key,
    op: before === undefined ? "create" : after === undefined ? "delete" : "update",
    before,
    after,
    salt: `\\x${Buffer.from(saltAt(entry.itemSalts, index)).toString("hex")}`,
  });
  for (const { json } of jsonChunks(items, toItem)) {
    await sql`
      insert into change_item (revision, seq, kind, key, op, before, after, salt)
      select ${entry.revision.toString()}::bigint, seq, kind, key, op, before, after, salt
      from json_to_recordset(${json}::json)
        as r (seq integer, kind text, key text, op text, before jsonb, after jsonb, salt bytea)
    `.execute(db);
  }
}

function saltAt(salts: Uint8Array, index: number): Uint8Array {
  return salts.subarray(index * saltLength, (index + 1) * saltLength);
}
