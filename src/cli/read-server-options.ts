import { OptionsError, readServerOptions, type ServerOptions } from "../server/options.ts";
import { usageError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import { readInputFile } from "./read-input-file.ts";

/**
 * The options of a server, from flags by the names of the options table, the environment, and the file
 * that `--options` names. A usage error with all problems at once.
 */
export function readOptions(
  io: Io,
  flags: Readonly<Record<string, string | undefined>>,
  path: string | undefined,
): ServerOptions {
  const file = path === undefined ? {} : { file: { path, text: readInputFile(path) } };
  try {
    return readServerOptions({ env: io.env, flags, ...file });
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    throw usageError(["the server options are not usable:", ...error.problems].join("\n"));
  }
}
