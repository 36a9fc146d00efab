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
    "the embedded database in this directory (default: the Postgres of $DATABASE_URL)",
  ).argParser(filledArgument);
}

/** The database that the options or the environment name; a usage error when neither does. */
export function chooseDatabase(io: Io, embedded: string | undefined): DatabaseChoice {
  if (embedded !== undefined) return { kind: "embedded", directory: embedded };
  const directory = io.env["FLEETGATE_EMBEDDED"] ?? "";
  if (directory !== "") return { kind: "embedded", directory };
  const url = io.env["DATABASE_URL"] ?? "";
  if (url !== "") return { kind: "postgres", url };
  throw usageError(
    "no database is named",
    "set DATABASE_URL to that of a Postgres, e.g. postgres://HOST/NAME, or name a directory with --embedded",
  );
}

/** Runs `use` on the database and closes it. */
export async function withDatabase<T>(
  choice: DatabaseChoice,
  use: (storage: Storage) => Promise<T>,
): Promise<T> {
  // Loaded only here: the commands that ask a server need no database, and should start at once.
  const { openStorage, EmbeddedLockedError } = await import("../storage/database.ts");
  const storage = await openStorage(choice).catch((error: unknown) => {
    if (!(error instanceof EmbeddedLockedError)) throw error;
    throw new CliError(error.message, {
      exitCode: exitCodes.failed,
      hint: "stop that process first, or ask it instead: a running server does its work over the wire",
      cause: error,
    });
  });
  try {
    return await use(storage);
  } finally {
    await storage.close();
  }
}
