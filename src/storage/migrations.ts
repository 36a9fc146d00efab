import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** One file of db/migrations. */
export interface Migration {
  readonly version: number;
  /** The file's name. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly checksum: string;
  /** Whether releases that do not know it cannot work with its schema: a line `-- breaking` says so. */
  readonly breaking: boolean;
}

const directory = new URL("../../db/migrations/", import.meta.url);

/** The migrations that come with this release, in order. */
export async function readMigrations(from: URL = directory): Promise<readonly Migration[]> {
  const names = (await readdir(from)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(names.map((name) => readMigration(from, name)));
}

async function readMigration(from: URL, name: string): Promise<Migration> {
  const version = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
  if (version === undefined) throw new Error(`not the name of a migration: ${name}`);
  const sql = await readFile(new URL(name, from), "utf8");
  return {
    version: Number(version),
    name,
    sql,
    checksum: createHash("sha256").update(sql).digest("hex"),
    breaking: /^-- breaking$/m.test(sql),
  };
}
