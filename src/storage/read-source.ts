import { translateStorageError } from "./errors.ts";
import { readPosition } from "./revision-point.ts";
import type { Storage } from "./storage.ts";

/** What the etag of a source is made of. */
export interface SourceRevision {
  readonly tokenKey: Uint8Array;
  /** The last change of what the source manages; undefined when there never was one. */
  readonly revision: bigint | undefined;
}

/** When a source was last changed. Throws a DomainError. */
export async function readSource(storage: Storage, name: string): Promise<SourceRevision> {
  try {
    const { tokenKey } = await readPosition(storage.db);
    const row = await storage.db
      .selectFrom("source")
      .select("revision")
      .where("name", "=", name)
      .executeTakeFirst();
    return { tokenKey, revision: row?.revision };
  } catch (error) {
    throw translateStorageError(error);
  }
}
