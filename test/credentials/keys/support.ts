import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import type { HeldKeys } from "../../../src/credentials/keys/held-key.ts";
import {
  openKeyring,
  type KeyringEvents,
  type OpenKeyring,
} from "../../../src/credentials/keys/open-keyring.ts";
import { parseKeyList } from "../../../src/credentials/keys/parse-key-list.ts";
import type { KeyPurpose } from "../../../src/credentials/keyring.ts";
import type { Storage } from "../../../src/storage/database.ts";

const texts = new Map<string, string>();

/** Keys by name; the same name is the same key everywhere. */
export function keysOf(...names: readonly string[]): HeldKeys {
  const items = names.map((name) => {
    const text = texts.get(name) ?? randomBytes(32).toString("base64");
    texts.set(name, text);
    return `${name}:${text}`;
  });
  const keys = items.length === 0 ? new Map() : parseKeyList(items.join(" "));
  assert.ok(keys);
  return keys as HeldKeys;
}

/** Has another key be called by this name from now on. */
export function changeKey(name: string): void {
  texts.delete(name);
}

/** A keyring of which a test says what its files hold. */
export interface TestReplica extends OpenKeyring {
  /** Puts other files where this replica reads them. */
  readonly put: (keys: HeldKeys, problems?: readonly string[]) => void;
}

/** Opens keyrings that hold keys of these names, and look at nothing by themselves. */
export function opener(storage: () => Storage) {
  return async (names: readonly string[], events: KeyringEvents = {}): Promise<TestReplica> => {
    let files: { keys: HeldKeys; problems: readonly string[] } = {
      keys: keysOf(...names),
      problems: [],
    };
    const ring = await openKeyring(storage(), {
      ...{ replicaId: randomUUID(), keys: files.keys, events, everyMs: 0 },
      readAgain: () => Promise.resolve(files),
    });
    return { ...ring, put: (keys, problems = []) => void (files = { keys, problems }) };
  };
}

/** The id of the key with which a keyring signs; undefined: it does not. */
export function signer({ keyring }: OpenKeyring, purpose: KeyPurpose = "url"): string | undefined {
  return keyring.sign(purpose, () => "text")?.keyId;
}

/** Has a database know of no key. */
export async function empty(storage: Storage): Promise<void> {
  await storage.db.deleteFrom("signing_key").execute();
  await storage.db.deleteFrom("signing_key_holder").execute();
  await storage.db.deleteFrom("credential_audit").execute();
}
