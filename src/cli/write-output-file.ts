import { closeSync, fchmodSync, fsyncSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import { usageError, type CliError } from "./cli-error.ts";
import { describeFileError } from "./read-input-file.ts";

/** Writes a file that the command line names, over what was there; a usage error when it cannot be written. */
export function writeOutputFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function cannotWrite(path: string, error: unknown): CliError {
  const isNowhere = error instanceof Error && "code" in error && error.code === "ENOENT";
  const why = isNowhere ? "there is no such directory" : describeFileError(error);
  return usageError(`cannot write ${path}: ${why}`);
}

/** A file that is there already, empty, for a secret that is yet to come. */
export interface SecretFile {
  /** Writes the secret and closes the file. */
  readonly keep: (text: string) => void;
  /** Takes the file away again. */
  readonly discard: () => void;
}

/**
 * Makes a new file of mode 0600 before the secret for it is asked for: a secret that is shown once must
 * not be lost because its file cannot be written. Never overwrites: what is there may be the only copy.
 */
export function createSecretFile(path: string): SecretFile {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
    // The mode of open() is subject to the umask, which may only narrow it, but not below what we need.
    fchmodSync(file, 0o600);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return {
    keep: (text) => {
      writeFileSync(file, text);
      // It may be the only copy, and what it replaces may be dead: not even a machine that stops now is to lose it.
      fsyncSync(file);
      closeSync(file);
    },
    discard: () => {
      closeSync(file);
      unlinkSync(path);
    },
  };
}
