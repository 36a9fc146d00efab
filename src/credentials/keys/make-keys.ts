import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyPurposes } from "./held-key.ts";

/**
 * Makes a directory of keys that is closed to other users, and in it a key for each purpose that has none. Throws what the file
 * system throws.
 */
export function makeKeys(directory: string, randomBytes: (size: number) => Uint8Array): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const files = readdirSync(directory);
  for (const purpose of keyPurposes) {
    const hasKey = files.some((name) => name.startsWith(`${purpose}-`) && name.endsWith(".key"));
    if (hasKey) continue;
    const text = `${Buffer.from(randomBytes(32)).toString("base64url")}\n`;
    writeFileSync(join(directory, `${purpose}-k1.key`), text, { flag: "wx", mode: 0o600 });
  }
}
