import type { EntityChange } from "../../../src/domain/entity.ts";
import { chainHash } from "../../../src/storage/chain-hash.ts";
import type { Storage } from "../../../src/storage/database.ts";
import {
  writeChange,
  type ChangeMeta,
  type WriteResult,
} from "../../../src/storage/write-change.ts";

const meta: ChangeMeta = {
  author: "user:ann@example.com",
  reason: "because",
  requestId: "",
  requestHash: "",
};

/** Writes one change of these entities, by hand. */
export function write(
  storage: Storage,
  changes: readonly EntityChange[],
  more: Partial<ChangeMeta> = {},
): Promise<WriteResult> {
  return writeChange(storage, { ...meta, ...more }, () =>
    Promise.resolve({ source: undefined, changes }),
  );
}

/** A member that is added to a group, or taken from it. */
export function member(group: string, identity: string, op: "create" | "delete"): EntityChange {
  const body = { group, member: identity };
  return {
    kind: "group_member",
    key: `${group} ${identity.startsWith("user:") ? identity.toLowerCase() : identity}`,
    before: op === "delete" ? body : undefined,
    after: op === "create" ? body : undefined,
  };
}

/** A group that is new, described, or gone. */
export function group(
  name: string,
  before: string | undefined,
  after: string | undefined,
): EntityChange {
  const body = (
    description: string | undefined,
  ): { name: string; description: string; owners: string } | undefined =>
    description === undefined ? undefined : { name, description, owners: "administrators" };
  return { kind: "group", key: name, before: body(before), after: body(after) };
}

interface OldChange {
  readonly author?: string;
  readonly reason?: string;
  readonly requestId?: string;
  readonly items: readonly EntityChange[];
  /** What the old release does to the tables of entities. */
  readonly statements?: readonly string[];
}

/** Writes a change in the words of the previous release: its columns, its hash, its order of statements. */
export async function writeAsPreviousRelease(storage: Storage, change: OldChange): Promise<bigint> {
  const { author = "user:old@example.com", reason = "", items, statements = [] } = change;
  const { db } = storage;
  const point = await db.selectFrom("database").selectAll().executeTakeFirstOrThrow();
  const revision = point.revision + 1n;
  const at = new Date(Math.max(Date.now(), point.updated_at.getTime()));
  const requestHash = change.requestId === undefined ? "" : "abc";
  const entry = {
    revision,
    at,
    author,
    reason,
    source: undefined,
    requestId: change.requestId ?? "",
    requestHash,
  };
  const hash = chainHash(point.chain_hash, entry, items);
  const text = (value: string | undefined): string =>
    value === undefined ? "null" : `'${value.replaceAll("'", "''")}'`;
  const json = (value: unknown): string =>
    value === undefined ? "null" : `${text(JSON.stringify(value))}::jsonb`;
  const bytes = (value: Uint8Array): string => `'\\x${Buffer.from(value).toString("hex")}'`;
  const rows = items.map(({ kind, key, before, after }, index) => {
    const op = before === undefined ? "create" : after === undefined ? "delete" : "update";
    return `(${revision}, ${index + 1}, '${kind}', ${text(key)}, '${op}', ${json(before)}, ${json(after)})`;
  });
  await storage.exec(`
    begin;
    select revision from database for update;
    insert into change (revision, at, author, reason, source, request_id, request_hash, prev_hash, hash)
    values (${revision}, '${at.toISOString()}', ${text(author)}, ${text(reason)}, null,
            ${text(change.requestId)}, ${change.requestId === undefined ? "null" : text(requestHash)},
            ${bytes(point.chain_hash)}, ${bytes(hash)});
    ${rows.length === 0 ? "" : `insert into change_item (revision, seq, kind, key, op, before, after) values ${rows.join(",")};`}
    ${statements.map((statement) => `${statement};`).join("\n")}
    update database set revision = ${revision}, chain_hash = ${bytes(hash)}, updated_at = '${at.toISOString()}';
    commit;
  `);
  return revision;
}
