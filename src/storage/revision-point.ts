import { translateStorageError } from "./errors.ts";
import type { Db, Storage } from "./storage.ts";

/** Where a database stands in its history. */
export interface RevisionPoint {
  /** The UUID of the database: made once, kept by backups. */
  readonly databaseId: string;
  readonly revision: bigint;
  /** The hash of the newest change; 32 zero bytes at revision 0. */
  readonly chainHash: Uint8Array;
}

/** The channel on which every commit is told. */
export const revisionChannel = "fleetgate_revision";

/** How many hashes of the newest changes a replica remembers. */
export const maxRecentHashes = 1000;

/** Where the database stands now. Throws a DomainError. */
export async function readRevisionPoint(storage: Storage): Promise<RevisionPoint> {
  try {
    return await storage.quick(readPosition);
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** Reads the one row that says where the database stands, and its key of etags and page tokens. */
export async function readPosition(
  db: Db,
): Promise<RevisionPoint & { readonly tokenKey: Uint8Array }> {
  const row = await db
    .selectFrom("database")
    .select(["database_id", "revision", "chain_hash", "token_key"])
    .executeTakeFirstOrThrow();
  return {
    databaseId: row.database_id,
    revision: row.revision,
    chainHash: row.chain_hash,
    tokenKey: row.token_key,
  };
}

/** The hash of the change that made a revision; undefined when there is none. Throws a DomainError. */
export async function readChangeHash(
  storage: Storage,
  revision: bigint,
): Promise<Uint8Array | undefined> {
  try {
    return await readChangeHashIn(storage.db, revision);
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** The same, inside a transaction. */
export async function readChangeHashIn(db: Db, revision: bigint): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom("change")
    .select("hash")
    .where("revision", "=", revision)
    .executeTakeFirst();
  return row?.hash;
}

/** The hashes of the newest changes, at most so many, by revision. */
export async function readRecentHashes(
  db: Db,
  count: number,
): Promise<ReadonlyMap<bigint, Uint8Array>> {
  const rows = await db
    .selectFrom("change")
    .select(["revision", "hash"])
    .orderBy("revision", "desc")
    .limit(count)
    .execute();
  return new Map(rows.map(({ revision, hash }) => [revision, hash]));
}
