import { sql } from "kysely";
import { translateStorageError } from "./errors.ts";
import { readMigrations, type Migration } from "./migrations.ts";
import { compareSchema, readApplied, SchemaError, type SchemaStatus } from "./schema-status.ts";
import type { RunSql, SessionRow, Storage } from "./storage.ts";

/** What `migrate` did. */
export interface MigrateResult {
  /** The names of the applied migrations, in order; none when there was nothing to do. */
  readonly applied: readonly string[];
  /** The names of migrations of a later release, with which this one can work: worth a warning. */
  readonly ahead: readonly string[];
}

/** Options of `migrate`. */
export interface MigrateOptions {
  /** Told of each migration before it is applied. */
  readonly onProgress?: (name: string) => void;
  /** The migrations; those of this release unless set. */
  readonly migrations?: readonly Migration[];
}

/** The advisory lock of migrators: the first 8 bytes of SHA-256 of "fleetgate migrations". */
const lockKey = "5694314730374708785";

const migrationTable = `create table if not exists schema_migration (
  version integer not null,
  name text collate "C" not null,
  checksum text collate "C" not null,
  breaking boolean not null,
  applied_at timestamptz not null default now(),
  constraint schema_migration_pkey primary key (version)
);
comment on table schema_migration is 'The applied migrations.';`;

/**
 * Brings the schema up to date, each migration in a transaction of its own. Any number of processes may
 * do so at once. Throws a SchemaError or a DomainError; migrations applied before the failing one stay.
 */
export async function migrate(
  storage: Storage,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const migrations = options.migrations ?? (await readMigrations());
  const applied: string[] = [];
  try {
    return await storage.session(async (run) => {
      for (;;) {
        const { done, ahead } = await applyNext(run, migrations, options.onProgress);
        if (done === undefined) return { applied, ahead };
        applied.push(done);
      }
    });
  } catch (error) {
    throw error instanceof SchemaError ? error : translateStorageError(error);
  }
}

/** Applies the first pending migration under the lock, which ends with the transaction. */
async function applyNext(
  run: RunSql,
  migrations: readonly Migration[],
  onProgress: ((name: string) => void) | undefined,
): Promise<{ readonly done: string | undefined; readonly ahead: readonly string[] }> {
  await run(`begin; select pg_advisory_xact_lock(${lockKey});`);
  try {
    const { pending, ahead } = compareSchema(migrations, await readApplied(run));
    const [next] = pending;
    if (next !== undefined) {
      onProgress?.(next.name);
      await run(migrationTable);
      await run(next.sql);
      // Name and checksum are made of letters, digits, "_" and "." only.
      await run(
        `insert into schema_migration (version, name, checksum, breaking)
         values (${next.version}, '${next.name}', '${next.checksum}', ${next.breaking})`,
      );
    }
    await run("commit");
    return { done: next?.name, ahead };
  } catch (error) {
    await run("rollback").catch(() => undefined);
    throw error;
  }
}

/**
 * Makes sure that this release can work with the database as it is. Throws a SchemaError when the
 * database lacks migrations, or has ones that this release cannot work with; or a DomainError.
 */
export async function checkSchema(
  storage: Storage,
  migrations?: readonly Migration[],
): Promise<Pick<SchemaStatus, "ahead">> {
  try {
    return await storage.session((run) => checkSchemaBy(run, migrations));
  } catch (error) {
    throw error instanceof SchemaError ? error : translateStorageError(error);
  }
}

/** The same by `Storage.quick`: it fails soon when the database does not answer. */
export async function checkSchemaQuickly(storage: Storage): Promise<Pick<SchemaStatus, "ahead">> {
  const migrations = await readMigrations();
  try {
    return await storage.quick((db) =>
      checkSchemaBy(
        async (text) => (await sql<SessionRow>`${sql.raw(text)}`.execute(db)).rows,
        migrations,
      ),
    );
  } catch (error) {
    throw error instanceof SchemaError ? error : translateStorageError(error);
  }
}

/** The same on a connection. Throws a SchemaError, or what the connection says. */
export async function checkSchemaBy(
  run: RunSql,
  migrations?: readonly Migration[],
): Promise<Pick<SchemaStatus, "ahead">> {
  const known = migrations ?? (await readMigrations());
  const { pending, ahead } = compareSchema(known, await readApplied(run));
  if (pending.length > 0) {
    const names = pending.map(({ name }) => name).join(", ");
    throw new SchemaError(`the database lacks ${names}; run: fleetgate migrate`);
  }
  return { ahead };
}
