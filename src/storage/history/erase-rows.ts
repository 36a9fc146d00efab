import { sql } from "kysely";
import { itemHash, type HashedItem } from "../chain-hash.ts";
import { jsonChunks } from "../json-chunks.ts";
import type { Tx } from "../storage.ts";
import type { ItemPlace } from "./find-mentions.ts";
import type { IdentityText } from "./identity-text.ts";

/** What stands for the hash of a request that named the person: it could be found out by trying. */
const erasedRequestHash = "erased";

interface ItemRow {
  readonly revision: bigint;
  readonly seq: number;
  readonly kind: string;
  readonly key: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly salt: Uint8Array | null;
  readonly hash: Uint8Array | null;
}

/** Replaces an identity in those of some items that do mention it. Gives these. */
export async function eraseItems(
  tx: Tx,
  identity: IdentityText,
  places: readonly ItemPlace[],
): Promise<readonly ItemPlace[]> {
  const erased: ItemPlace[] = [];
  const toPlace = ({ revision, seq }: ItemPlace): object => ({
    revision: revision.toString(),
    seq,
  });
  for (const { json } of jsonChunks(places, toPlace)) {
    const { rows } = await sql<ItemRow>`
      select i.revision, i.seq, i.kind, i.key, i.before, i.after, i.salt, i.hash
      from json_to_recordset(${json}::json) as r (revision bigint, seq integer)
      join change_item as i on i.revision = r.revision and i.seq = r.seq
      order by 1, 2
    `.execute(tx);
    const changed = rows.flatMap((row) => replaceItem(identity, row) ?? []);
    for (const chunk of jsonChunks(changed, (row) => row)) {
      await sql`
        update change_item as i
        set key = r.key, before = r.before, after = r.after, hash = r.hash, salt = null, erased = true
        from json_to_recordset(${chunk.json}::json)
          as r (revision bigint, seq integer, key text, before jsonb, after jsonb, hash bytea)
        where i.revision = r.revision and i.seq = r.seq
      `.execute(tx);
    }
    erased.push(...changed.map(({ revision, seq }) => ({ revision: BigInt(revision), seq })));
  }
  return erased;
}

interface ReplacedItem {
  readonly revision: string;
  readonly seq: number;
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly hash: string | null;
}

function replaceItem(identity: IdentityText, row: ItemRow): ReplacedItem | undefined {
  const { kind, key, before, after, salt } = row;
  const replaced = {
    key: identity.replace(key),
    before: identity.replaceJson(before),
    after: identity.replaceJson(after),
  };
  const same =
    replaced.key === key &&
    JSON.stringify([replaced.before, replaced.after]) === JSON.stringify([before, after]);
  if (same) return undefined;
  const item = { kind, key, before: before ?? undefined, after: after ?? undefined } as HashedItem;
  const hash = salt === null ? row.hash : itemHash(salt, item);
  return {
    revision: row.revision.toString(),
    seq: row.seq,
    ...replaced,
    hash: hash === null ? null : `\\x${Buffer.from(hash).toString("hex")}`,
  };
}

interface ChangeRow {
  readonly revision: bigint;
  readonly author: string;
  readonly reason: string;
  readonly request_id: string | null;
}

/**
 * Replaces an identity in author and reason of some changes, and forgets the hashes of requests that named it. What
 * the person gave as reason goes altogether. Gives the revisions of those whose author or reason named the person.
 */
export async function eraseChanges(
  tx: Tx,
  identity: IdentityText,
  revisions: readonly bigint[],
  items: readonly ItemPlace[],
): Promise<readonly bigint[]> {
  const touched = new Set([...revisions, ...items.map(({ revision }) => revision)]);
  const named: bigint[] = [];
  for (const { json } of jsonChunks(touched, (revision) => ({ revision: revision.toString() }))) {
    const { rows } = await sql<ChangeRow>`
      select c.revision, c.author, c.reason, c.request_id
      from json_to_recordset(${json}::json) as r (revision bigint)
      join change as c on c.revision = r.revision
      order by 1
    `.execute(tx);
    const changed: object[] = [];
    for (const { revision, author, reason, request_id } of rows) {
      const own = identity.is(author);
      const next = {
        author: identity.replace(author),
        reason: own ? "" : identity.replace(reason),
      };
      const names = next.author !== author || next.reason !== reason;
      if (names) named.push(revision);
      if (names || request_id !== null) changed.push({ revision: revision.toString(), ...next });
    }
    for (const chunk of jsonChunks(changed, (row) => row)) await updateChanges(tx, chunk.json);
  }
  // A repeat of a request of the person must not be taken for a new one: it stays known, under the pseudonym.
  await sql`
    update request set request_hash = ${erasedRequestHash}
    where revision in (
      select revision from json_to_recordset(${JSON.stringify([...touched].map((revision) => ({ revision: revision.toString() })))}::json)
        as r (revision bigint)
    )
  `.execute(tx);
  await renameAuthors(tx, identity);
  return named;
}

async function updateChanges(tx: Tx, json: string): Promise<void> {
  await sql`
    update change as c
    set author = r.author, reason = r.reason, salt = null, erased = true,
        request_hash = case when c.request_id is null then null else ${erasedRequestHash}::text end
    from json_to_recordset(${json}::json) as r (revision bigint, author text, reason text)
    where c.revision = r.revision
  `.execute(tx);
}

/** Requests are known by author and id; of two that come to be the same one goes. */
async function renameAuthors(tx: Tx, identity: IdentityText): Promise<void> {
  const { rows } = await sql<{ author: string }>`
    select distinct author from request
    where strpos(${identity.folds ? sql`lower(author)` : sql`author`}, ${identity.needle}::text collate "C") > 0
  `.execute(tx);
  for (const { author } of rows.filter((row) => identity.mentions(row.author))) {
    const next = identity.replace(author);
    await sql`
      delete from request as r where author = ${author} and exists (
        select from request as o where o.author = ${next} and o.request_id = r.request_id)
    `.execute(tx);
    await sql`
      update request set author = ${next}, request_hash = ${erasedRequestHash} where author = ${author}
    `.execute(tx);
  }
}
