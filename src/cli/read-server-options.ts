import { checkKeyFiles } from "../server/jwt-identity.ts";
import { OptionsError } from "../server/options-error.ts";
import { readServerOptions, type ServerOptions } from "../server/options.ts";
import { readTlsFiles } from "../server/tls-files.ts";
import type { Io } from "./io.ts";
import { readInputFile } from "./read-input-file.ts";
import { unusableOptions } from "./unusable-options.ts";

/**
 * The options of a server, from flags by the names of the options table, the environment, and the file
 * that `--options` names. A usage error with all problems at once, also when TLS cannot be served with its files or a key set cannot be used.
 */
export function readOptions(
  io: Io,
  flags: Readonly<Record<string, string | undefined>>,
  path: string | undefined,
): ServerOptions {
  const file = path === undefined ? {} : { file: { path, text: readInputFile(path) } };
  try {
    const options = readServerOptions({ env: io.env, flags, ...file });
    // Before the database is opened, which takes a while and may change it.
    if (options.tls !== undefined && !("kept" in options.tls)) readTlsFiles(options.tls);
    checkKeyFiles(options.jwtIssuers);
    return options;
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    throw unusableOptions(error);
  }
}
