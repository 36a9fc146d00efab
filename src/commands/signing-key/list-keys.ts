import { translateStorageError } from "../../storage/errors.ts";
import type { KeyDeps } from "./deps.ts";
import { readKeyViews, type KeyView } from "./key-view.ts";

/**
 * Lists the keys that the database or a replica knows, by purpose and id. Whether the peer may, admission has found out. Throws a
 * DomainError.
 */
export async function listKeys(deps: KeyDeps): Promise<readonly KeyView[]> {
  try {
    return await deps.storage.quick((db) => readKeyViews(db, deps));
  } catch (error) {
    throw translateStorageError(error);
  }
}
