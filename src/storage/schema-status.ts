import type { Migration } from "./migrations.ts";
import type { RunSql } from "./storage.ts";

/** The schema of the database and this release do not fit. The message says the way out. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

/** A migration that the database has. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly breaking: boolean;
}

/** How the schema of a database compares with the migrations of this release. */
export interface SchemaStatus {
  /** What the database lacks, in order. */
  readonly pending: readonly Migration[];
  /** The names of what only a later release knows; none of them is breaking. */
  readonly ahead: readonly string[];
}

/** The migrations that the database has; none when it has not even the table for them. */
export async function readApplied(run: RunSql): Promise<readonly AppliedMigration[]> {
  const [table] = await run("select to_regclass('schema_migration') is not null as present");
  if (table?.["present"] !== true) return [];
  const rows = await run(
    "select version, name, checksum, breaking from schema_migration order by version",
  );
  return rows as unknown as readonly AppliedMigration[];
}

/** Compares. Throws a SchemaError when this release must not touch the database. */
export function compareSchema(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): SchemaStatus {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  const ahead: string[] = [];
  for (const { version, name, checksum, breaking } of applied) {
    const migration = known.get(version);
    known.delete(version);
    if (migration === undefined) {
      if (breaking) {
        throw new SchemaError(
          `the database has the migration ${name} of a later release, with which this one cannot work; upgrade Fleetgate`,
        );
      }
      ahead.push(name);
    } else if (migration.name !== name || migration.checksum !== checksum) {
      throw new SchemaError(
        `the migration ${migration.name} is not what was applied to the database as ${name}; use the release that fits, or another database`,
      );
    }
  }
  const newest = applied.at(-1)?.version ?? 0;
  const late = [...known.values()].find(({ version }) => version < newest);
  if (late !== undefined) {
    throw new SchemaError(
      `the database has later migrations but lacks ${late.name}; use the release that fits, or another database`,
    );
  }
  return { pending: [...known.values()], ahead };
}
