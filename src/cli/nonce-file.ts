import { existsSync, rmSync } from "node:fs";
import { Option } from "commander";
import { filledArgument } from "./arguments.ts";
import { newNonce } from "./ask-with-nonce.ts";
import { usageError } from "./cli-error.ts";
import { readInputFile } from "./read-input-file.ts";
import { createSecretFile } from "./write-output-file.ts";

/** The option that names the file of a nonce which is forgotten once the secret is kept. */
export function nonceFileOption(): Option {
  return new Option(
    "--nonce-file <file>",
    "keep there until it is done what tells this command from others, so that one that was cut off may be repeated within 60s",
  ).argParser(filledArgument);
}

/** The nonce of a file, or a new one that is kept there before anybody is asked with it. */
export function nonceOf(path: string | undefined): string {
  if (path === undefined) return newNonce();
  if (!existsSync(path)) {
    const file = createSecretFile(path);
    const nonce = newNonce();
    file.keep(`${nonce}\n`);
    return nonce;
  }
  const nonce = readInputFile(path).trim();
  if (/^[0-9A-Za-z_-]{16,64}$/.test(nonce)) return nonce;
  throw usageError(
    `${path}: it holds no nonce: 16 to 64 characters of 0-9 A-Z a-z _ -`,
    "name a file that does not exist: a new nonce is kept there",
  );
}

/** Forgets the nonce of a file, for what is done once with each: the secret that it was for is kept now. */
export function forgetNonce(path: string | undefined): void {
  if (path !== undefined) rmSync(path, { force: true });
}
