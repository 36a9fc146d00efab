import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { keyNames, type HeldKeys } from "../credentials/keys/held-key.ts";
import { makeKeys } from "../credentials/keys/make-keys.ts";
import {
  openKeyring,
  type KeyringEvents,
  type OpenKeyring,
} from "../credentials/keys/open-keyring.ts";
import { readKeyDirectory } from "../credentials/keys/read-key-directory.ts";
import type { Storage } from "../storage/storage.ts";
import { OptionsError } from "./options-error.ts";
import type { ServerOptions } from "./options.ts";

/**
 * Opens the keys of a server: those of its directory, of its environment, or, for an embedded database without either, those
 * that it makes beside that. Throws OptionsError for files that cannot be used.
 */
export async function openSigningKeys(
  { database, signingKeys, signingKeysDir }: ServerOptions,
  storage: Storage,
  log: Logger,
): Promise<OpenKeyring> {
  const made = database.kind === "embedded" ? join(database.directory, "keys") : undefined;
  const directory = signingKeysDir ?? (signingKeys === undefined ? made : undefined);
  if (signingKeysDir === undefined && directory !== undefined) makeOwnKeys(directory);
  const keys = directory === undefined ? (signingKeys ?? noKeys) : await readAtStart(directory);
  if (keys.size === 0) {
    log.warn(
      "there are no signing keys (signing_keys_dir, signing_keys): no URL and no assertion is signed, and no token of a forge is registered",
    );
  } else {
    log.info({ keys: keyNames(keys) }, "signing keys");
  }
  return openKeyring(storage, {
    ...{ replicaId: randomUUID(), keys, events: createKeyLog(log) },
    readAgain:
      directory === undefined ? undefined : (before) => readKeyDirectory(directory, before),
  });
}

const noKeys: HeldKeys = new Map();

function makeOwnKeys(directory: string): void {
  try {
    makeKeys(directory, randomBytes);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    throw new OptionsError([
      `embedded: no signing keys can be made in its directory: the system says ${code}`,
    ]);
  }
}

async function readAtStart(directory: string): Promise<HeldKeys> {
  const { keys, problems } = await readKeyDirectory(directory);
  if (problems.length > 0) {
    throw new OptionsError(problems.map((problem) => `signing_keys_dir: ${problem}`));
  }
  return keys;
}

function createKeyLog(log: Logger): KeyringEvents {
  return {
    onHeld: (change) => log.info(change, "signing keys changed"),
    onProblems: (problems) => {
      if (problems.length === 0) log.info("signing keys can be read again");
      else log.error({ problems }, "signing keys cannot be used; those held before stay");
    },
    onFailure: (error) =>
      log.error(
        { err: error },
        "which signing keys are used cannot be read; what was known goes on",
      ),
    onRecovery: () => log.info("which signing keys are used is followed again"),
  };
}
