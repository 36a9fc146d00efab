import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "../../domain/quote.ts";
import {
  isKeyId,
  keyIdRule,
  keyName,
  keyPurposeOf,
  keyTextRule,
  maxHeldKeys,
  parseKeyText,
  problemsOfKeys,
  type HeldKey,
  type HeldKeys,
  type KeyName,
} from "./held-key.ts";

/** What a directory of keys held. */
export interface KeyReading {
  readonly keys: HeldKeys;
  /** What is wrong, a line each, with what to do. Never a part of a key. */
  readonly problems: readonly string[];
}

const nothing: HeldKeys = new Map();

/** A file is read no further, in bytes. */
const maxFileBytes = 4096;

/**
 * Reads the files `<purpose>-<key id>.key` of a directory. A file that cannot be used keeps the key that `before` has of it, and so
 * does a directory that cannot be read. Never fails.
 */
export async function readKeyDirectory(
  directory: string,
  before: HeldKeys = nothing,
): Promise<KeyReading> {
  const names = await readdir(directory).catch((error: unknown) => codeOf(error));
  if (typeof names === "string") {
    return { keys: before, problems: [`${quote(directory)} cannot be read: ${names}`] };
  }
  const keys = new Map<KeyName, HeldKey>();
  const problems: string[] = [];
  for (const file of names.filter((name) => name.endsWith(".key")).sort()) {
    const name = nameOf(file);
    if (name === undefined) {
      problems.push(
        `${quote(file)}: must be called <purpose>-<key id>.key, with a purpose of url, assertion or lookup, and an id of ${keyIdRule}`,
      );
      continue;
    }
    const key = await readKey(join(directory, file), name);
    if (typeof key === "string") problems.push(`${quote(file)}: ${key}`);
    const held = typeof key === "string" ? before.get(keyName(name)) : key;
    if (held !== undefined) keys.set(keyName(name), held);
    if (keys.size > maxHeldKeys) break;
  }
  const together = problemsOfKeys(keys);
  return together.length === 0
    ? { keys, problems }
    : { keys: before, problems: [...problems, ...together] };
}

function nameOf(file: string): Pick<HeldKey, "purpose" | "id"> | undefined {
  const [, purposeText = "", id = ""] = /^([a-z]+)-(.*)\.key$/.exec(file) ?? [];
  const purpose = keyPurposeOf(purposeText);
  return purpose === undefined || !isKeyId(id) ? undefined : { purpose, id };
}

// The key, or what is wrong with the file.
async function readKey(
  path: string,
  name: Pick<HeldKey, "purpose" | "id">,
): Promise<HeldKey | string> {
  try {
    // Both are asked of one open file: what is read is what was looked at.
    const file = await open(path, "r");
    try {
      const { mode } = await file.stat();
      if (process.platform !== "win32" && (mode & 0o077) !== 0) {
        return "other users may read or write it: chmod 600, and make a new key if they could";
      }
      const { buffer, bytesRead } = await file.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, 0);
      const secret = parseKeyText(buffer.toString("latin1", 0, bytesRead));
      return secret === undefined ? `must hold ${keyTextRule}` : { ...name, secret };
    } finally {
      await file.close();
    }
  } catch (error) {
    return `cannot be read: ${codeOf(error)}`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "for no known cause";
}
