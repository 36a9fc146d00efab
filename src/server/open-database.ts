import type { Logger } from "pino";
import { DomainError } from "../domain/errors.ts";
import { openStorage, type Storage } from "../storage/database.ts";
import { checkSchema, checkSchemaQuickly, migrate } from "../storage/migrate.ts";
import { createSchemaGate } from "../storage/schema-gate.ts";
import type { ServerOptions } from "./options.ts";

/** An open database. */
export interface OpenDatabase {
  readonly storage: Storage;
  /** Why it could not be asked; undefined: it answers and its schema fits. */
  readonly silence: DomainError | undefined;
}

/**
 * Opens the database of a server. An embedded one is migrated; a Postgres whose schema does not fit is refused. With a
 * snapshot file, one that does not answer is no error yet: its schema is then looked at when it does, and until that
 * fits, nothing is asked of it. Throws as openStorage, or a SchemaError.
 */
export async function openDatabase(options: ServerOptions, log: Logger): Promise<OpenDatabase> {
  const mayBeDown = options.snapshotFile !== undefined;
  const onFit = ({ ahead }: { readonly ahead: readonly string[] }): void => {
    if (ahead.length === 0) return;
    log.warn({ migrations: ahead }, "the database has migrations of a later release");
  };
  const gate = createSchemaGate({
    onFit,
    onMisfit: (error) =>
      log.error(
        { err: error },
        "the schema of the database does not fit; checks go on from memory",
      ),
  });
  const storage = await openStorage(options.database, {
    onIdleError: (error) => log.warn({ err: error }, "a database connection broke while idle"),
    unasked: mayBeDown,
    admit: gate.admit,
  });
  try {
    if (storage.kind === "embedded") {
      await migrate(storage, { onProgress: (name) => log.info({ migration: name }, "migrating") });
    }
    onFit(await (mayBeDown ? checkSchemaQuickly(storage) : checkSchema(storage)));
    return { storage, silence: undefined };
  } catch (error) {
    if (mayBeDown && error instanceof DomainError && error.reason === "STORAGE_UNAVAILABLE") {
      gate.arm();
      return { storage, silence: error };
    }
    await storage.close();
    throw error;
  }
}
