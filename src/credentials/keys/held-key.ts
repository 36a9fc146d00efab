import { createSecretKey, type KeyObject } from "node:crypto";
import type { KeyPurpose } from "../keyring.ts";

/** What keys are for, in the order in which they are listed. */
export const keyPurposes: readonly KeyPurpose[] = ["url", "assertion", "lookup"];

/** How a key is called everywhere: `url/k1`. */
export type KeyName = `${KeyPurpose}/${string}`;

/** A key that this replica has. Its material shows in no log: a KeyObject prints nothing of it. */
export interface HeldKey {
  readonly purpose: KeyPurpose;
  readonly id: string;
  readonly secret: KeyObject;
}

/** The keys of a replica by name. */
export type HeldKeys = ReadonlyMap<KeyName, HeldKey>;

/** How many keys a replica holds at most: each of `lookup` costs something for each token that a forge made. */
export const maxHeldKeys = 32;

/** What the id of a key is. */
export const keyIdRule = "1 to 32 of a-z 0-9 -";

/** What the text of a key is. */
export const keyTextRule = "32 to 64 random bytes in base64, base64url or hexadecimal";

/** Whether a text may be the id of a key. */
export function isKeyId(text: string): boolean {
  return /^[a-z0-9-]{1,32}$/.test(text);
}

/** What a text is a key for; undefined: for nothing that there is. */
export function keyPurposeOf(text: string): KeyPurpose | undefined {
  return keyPurposes.find((purpose) => purpose === text);
}

/** The name of a key. */
export function keyName({ purpose, id }: Pick<HeldKey, "purpose" | "id">): KeyName {
  return `${purpose}/${id}`;
}

/** The names of keys, sorted: for logs. */
export function keyNames(keys: HeldKeys): readonly KeyName[] {
  return [...keys.keys()].sort();
}

const minBytes = 32;
const maxBytes = 64;

// What somebody types, or a file of zeros, has fewer; of 32 random bytes hardly ever as few are different.
const minDifferentBytes = 16;

/** The material that a text is, spaces around it aside; undefined: it is none. */
export function parseKeyText(text: string): KeyObject | undefined {
  const bytes = bytesOf(text.trim());
  if (bytes === undefined || bytes.length < minBytes || bytes.length > maxBytes) return undefined;
  return new Set(bytes).size < minDifferentBytes ? undefined : createSecretKey(bytes);
}

function bytesOf(text: string): Buffer | undefined {
  // Hexadecimal digits are base64, too; a key in base64 that has no others does not happen.
  if (/^(?:[0-9a-fA-F]{2})+$/.test(text)) return Buffer.from(text, "hex");
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) || /^[A-Za-z0-9_-]+={0,2}$/.test(text)) {
    return Buffer.from(text, "base64");
  }
  return undefined;
}

/** What is wrong with keys together: too many, or one material for two purposes. Never says any of it. */
export function problemsOfKeys(keys: HeldKeys): readonly string[] {
  const all = [...keys.values()];
  const problems: string[] = [];
  if (all.length > maxHeldKeys) problems.push(`there are more than ${maxHeldKeys} keys`);
  for (const [index, key] of all.entries()) {
    const twin = all.slice(0, index).find(({ secret }) => secret.equals(key.secret));
    if (twin === undefined) continue;
    problems.push(
      `${keyName(key)}: is the same as ${keyName(twin)}; each key has bytes of its own`,
    );
  }
  return problems;
}
