import { translateStorageError } from "./errors.ts";
import { readPosition } from "./read-tables.ts";
import type { StoredState } from "./read-state.ts";
import type { Storage } from "./storage.ts";

/** Where a database stands in its history. */
export type RevisionPoint = Pick<StoredState, "databaseId" | "revision" | "chainHash">;

/** Where the database stands now. Throws a DomainError. */
export async function readRevisionPoint(storage: Storage): Promise<RevisionPoint> {
  try {
    return await readPosition(storage.db);
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** The hash of the change that made a revision; undefined when there is none. Throws a DomainError. */
export async function readChangeHash(
  storage: Storage,
  revision: bigint,
): Promise<Uint8Array | undefined> {
  try {
    const row = await storage.db
      .selectFrom("change")
      .select("hash")
      .where("revision", "=", revision)
      .executeTakeFirst();
    return row?.hash;
  } catch (error) {
    throw translateStorageError(error);
  }
}
