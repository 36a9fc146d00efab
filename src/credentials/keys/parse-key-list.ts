import {
  isKeyId,
  keyName,
  keyPurposeOf,
  parseKeyText,
  problemsOfKeys,
  type HeldKey,
  type HeldKeys,
  type KeyName,
} from "./held-key.ts";

/** The longest list of keys that is read, in characters. */
const maxLength = 16_384;

/**
 * The keys of a text `url/k1:BASE64 assertion/k1:BASE64`, with spaces or commas between; undefined: it is none, has a key twice, or
 * one material twice. What is wrong is not told: it would show parts of keys.
 */
export function parseKeyList(text: string): HeldKeys | undefined {
  if (text.length > maxLength) return undefined;
  const keys = new Map<KeyName, HeldKey>();
  for (const item of text.split(/[\s,]+/).filter((part) => part !== "")) {
    const key = parseItem(item);
    if (key === undefined || keys.has(keyName(key))) return undefined;
    keys.set(keyName(key), key);
  }
  return keys.size === 0 || problemsOfKeys(keys).length > 0 ? undefined : keys;
}

function parseItem(item: string): HeldKey | undefined {
  const [, purposeText = "", id = "", keyText = ""] = /^([a-z]+)\/([^:]*):(.*)$/.exec(item) ?? [];
  const purpose = keyPurposeOf(purposeText);
  const secret = parseKeyText(keyText);
  if (purpose === undefined || secret === undefined || !isKeyId(id)) return undefined;
  return { purpose, id, secret };
}
