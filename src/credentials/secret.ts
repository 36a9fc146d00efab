import { Buffer } from "node:buffer";
import { hash, timingSafeEqual } from "node:crypto";

/** SHA-256 of the secret part of a token (its 43 ASCII characters), as storage and replicas keep it. */
export function hashSecret(secret: string): Buffer {
  return Buffer.from(hash("sha256", secret, "hex"), "hex");
}

/** The SHA-256 of a secret, ready to be compared with. */
export interface ExpectedHash {
  /** Its lower-case hexadecimal digits in ASCII. */
  readonly digits: Buffer;
}

const hashDigits = 64;

/** Makes a hash (hexadecimal) ready to be compared with. Undefined: it is none, and no secret has it. */
export function expectHash(hex: string): ExpectedHash | undefined {
  const bytes = Buffer.from(hex, "hex");
  return bytes.length * 2 === hashDigits
    ? { digits: Buffer.from(bytes.toString("hex")) }
    : undefined;
}

// Between two lines of isSecret it holds the hash of a secret, which is as good as public: nothing can be opened with it.
const given = Buffer.alloc(hashDigits);

/** Whether a secret has the hash, in a time that does not depend on either. */
export function isSecret(secret: string, expected: ExpectedHash): boolean {
  given.write(hash("sha256", secret, "hex"), 0, hashDigits, "latin1");
  return timingSafeEqual(given, expected.digits);
}
