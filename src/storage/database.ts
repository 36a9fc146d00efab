import { openEmbedded } from "./embedded/open-embedded.ts";
import { openPostgres } from "./postgres/open-postgres.ts";
import type { DatabaseChoice, Storage, StorageOptions } from "./storage.ts";

export { EmbeddedLockedError } from "./embedded/directory-lock.ts";
export type {
  DatabaseChoice,
  Db,
  Storage,
  StorageOptions,
  Tx,
  WatchEvents,
  Watcher,
} from "./storage.ts";
export { hasEmbedded } from "./embedded/open-embedded.ts";
export { quickTimeoutMs } from "./storage.ts";

/**
 * Opens a database and asks it once for its version, unless told not to. Throws a DomainError: STORAGE_UNAVAILABLE when it
 * cannot be reached, INVALID_FIELD for a URL that is none; and EmbeddedLockedError when another process
 * uses the directory.
 */
export async function openStorage(
  choice: DatabaseChoice,
  options: StorageOptions = {},
): Promise<Storage> {
  return choice.kind === "postgres"
    ? openPostgres(choice.url, options)
    : openEmbedded(choice.directory);
}
