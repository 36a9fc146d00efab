import { Option } from "commander";
import type { DatabaseChoice, Storage } from "../storage/database.ts";
import { filledArgument } from "./arguments.ts";
import { CliError, usageError } from "./cli-error.ts";
import { exitCodes } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** The option `--embedded` of commands that work on the database itself. */
export function embeddedOption(): Option {
  return new Option(
    "--embedded <dir>",
    "the embedded database in this directory; unset DATABASE_URL then (default: the Postgres of $DATABASE_URL)",
  ).argParser(filledArgument);
}

/** The option `--options` of commands that work on the database itself. */
export function optionsFileOption(): Option {
  return new Option(
    "--options <file>",
    "the options file of the server, when that names the database",
  ).argParser(filledArgument);
}

/**
 * The database that `--embedded`, the options file or the environment names, by the rules of `serve`; a
 * usage error when it is none, or two.
 */
export async function chooseDatabase(
  io: Io,
  flags: { readonly embedded?: string; readonly options?: string },
): Promise<DatabaseChoice> {
  const { readOptions } = await import("./read-server-options.ts");
  return readOptions(io, { embedded: flags.embedded }, flags.options).database;
}

/**
 * The same as withDatabase, for work on what is there: an embedded database that does not exist is not made, but a
 * usage error.
 */
export async function withExistingDatabase<T>(
  choice: DatabaseChoice,
  inUseHint: string,
  use: (storage: Storage) => Promise<T>,
): Promise<T> {
  const { hasEmbedded } = await import("../storage/database.ts");
  if (choice.kind === "embedded" && !hasEmbedded(choice.directory)) {
    throw usageError(`embedded: there is no database in ${choice.directory}`, "mend its path");
  }
  return withDatabase(choice, inUseHint, use);
}

/** Runs `use` on the database and closes it. The hint is for an embedded database that a server uses. */
export async function withDatabase<T>(
  choice: DatabaseChoice,
  inUseHint: string,
  use: (storage: Storage) => Promise<T>,
): Promise<T> {
  // Loaded only here: the commands that ask a server need no database, and should start at once.
  const { openStorage, EmbeddedLockedError } = await import("../storage/database.ts");
  const storage = await openStorage(choice).catch((error: unknown) => {
    if (!(error instanceof EmbeddedLockedError)) throw error;
    throw new CliError(error.message, {
      exitCode: exitCodes.failed,
      hint: inUseHint,
      cause: error,
    });
  });
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}
