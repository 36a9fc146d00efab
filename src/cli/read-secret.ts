import { usageError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import { readInputFile } from "./read-input-file.ts";

const maxLength = 65_536;

/**
 * Reads a secret from a file, or from standard input when the path is absent or `-`. A line `Authorization: Bearer ...` will do,
 * since header files hold one. Errors never quote it.
 */
export async function readSecret(io: Io, path: string | undefined, what: string): Promise<string> {
  const fromStdin = path === undefined || path === "-";
  const text = fromStdin ? await io.readStdin() : readInputFile(path);
  const secret = text
    .replace(/^\uFEFF/, "")
    .trim()
    .replace(/^authorization:[ \t]*bearer[ \t]+/i, "");
  const where = fromStdin ? "standard input" : path;
  if (secret === "") throw usageError(`${where}: it is empty, where ${what} should be`);
  if (secret.length > maxLength || !/^[\x21-\x7e]+$/.test(secret)) {
    throw usageError(
      `${where}: ${what} is one word of visible ASCII characters, and nothing beside it`,
    );
  }
  return secret;
}
