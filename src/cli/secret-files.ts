import { existsSync, renameSync, rmSync } from "node:fs";
import { Option } from "commander";
import { usageError } from "./cli-error.ts";
import { filledArgument } from "./arguments.ts";
import { describeFileError } from "./read-input-file.ts";
import { createSecretFile, type SecretFile } from "./write-output-file.ts";

/** Where a secret of an answer goes; undefined: nowhere. */
export interface SecretPlace {
  readonly path: string | undefined;
  /** Whether the file may be there already: what it holds is dead once there is another. */
  readonly replaces?: boolean;
  /** Whether the same is asked as by a command that was cut off: what that has left beside the file is dead once there is an answer. */
  readonly repeats?: boolean;
}

/** What a nonce file means for the place of the token: with the same nonce there is another token, and the one before is dead. */
export function placeOfNonce(nonceFile: string | undefined): Omit<SecretPlace, "path"> {
  return { replaces: nonceFile !== undefined, repeats: nonceFile !== undefined };
}

/** `--token-file`, for a command that gives out one token. */
export function tokenFileOption(unless = ""): Option {
  return new Option(
    "--token-file <file>",
    `write the token there, mode 0600, and print none; must not exist${unless}`,
  ).argParser(filledArgument);
}

/** The same of a command that may be repeated with the nonce of a file. */
export function repeatedTokenFileOption(): Option {
  return tokenFileOption(", unless there is a nonce file");
}

/**
 * Asks for an answer with secrets. The files for them are made before, so that none is lost because it cannot be written,
 * and taken away again when there is no answer. `secretsOf` has one for each place.
 */
export async function askForSecrets<T>(
  places: readonly SecretPlace[],
  ask: () => Promise<T>,
  secretsOf: (answer: T) => readonly string[],
): Promise<T> {
  const files: (SecretFile | undefined)[] = [];
  let kept = 0;
  try {
    for (const place of places) files.push(openPlace(place));
    const answer = await ask();
    for (const secret of secretsOf(answer)) {
      files[kept]?.keep(`${secret}\n`);
      kept += 1;
    }
    return answer;
  } catch (error) {
    for (const file of files.slice(kept)) file?.discard();
    throw error;
  }
}

function openPlace({
  path,
  replaces = false,
  repeats = false,
}: SecretPlace): SecretFile | undefined {
  if (path === undefined) return undefined;
  return replaces ? replaceSecretFile(path, repeats) : createSecretFile(path);
}

/** A new file beside the one at `path`, whose place it takes in one step when it is kept. */
function replaceSecretFile(path: string, repeats: boolean): SecretFile {
  const next = `${path}.new`;
  if (repeats) rmSync(next, { force: true });
  if (existsSync(next)) {
    throw usageError(
      `cannot write ${path}: ${next} is there already`,
      `a command before was cut off, or is under way: if ${next} holds a token, that is the newest one and belongs in the place of ${path}; if it is empty, remove it`,
    );
  }
  const file = createSecretFile(next);
  return {
    keep: (text) => {
      file.keep(text);
      try {
        renameSync(next, path);
      } catch (error) {
        throw usageError(`cannot write ${path}: ${describeFileError(error)}; see ${next}`);
      }
    },
    discard: file.discard,
  };
}
