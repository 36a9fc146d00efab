import { hash, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { formatBearerToken } from "../domain/bearer-token.ts";
import type { ApiKeyBody } from "../domain/entity.ts";
import { invalidField } from "../domain/errors.ts";
import { identityKind, identityRule, parseIdentity, type Identity } from "../domain/identity.ts";
import type { WriteDeps } from "./deps.ts";
import { checkText } from "./input.ts";

/** An API key as people see it. */
export interface ApiKeyView extends ApiKeyBody {
  /** When it was last used, ISO 8601; null: never. */
  readonly lastUsedAt: string | null;
}

/** What a new key is asked to be. */
export interface NewApiKey {
  readonly identity: string;
  readonly description: string;
  /** How long it lives; undefined: 90 days, unless noExpiry. */
  readonly ttlSeconds: number | undefined;
  readonly noExpiry: boolean;
}

const day = 24 * 60 * 60;
const defaultTtl = 90 * day;
const minTtl = 60;
const maxTtl = 3650 * day;

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

/** Who the bearer of a new key will be. Fails with INVALID_FIELD. */
export function keyIdentity(text: string): Identity {
  const identity = parseIdentity(text);
  if (identity === undefined) throw invalidField("identity", identityRule);
  const kind = identityKind(identity);
  if (kind === "anonymous" || kind === "task" || kind === "runner") {
    throw invalidField("identity", `a ${kind}: identity cannot hold an API key`);
  }
  return identity;
}

/** Makes a key and its token, which exists nowhere else. Fails with INVALID_FIELD. */
export function mintApiKey(
  deps: WriteDeps,
  author: string,
  wanted: NewApiKey,
): { readonly key: ApiKeyBody; readonly token: string } {
  const identity = keyIdentity(wanted.identity);
  checkText("description", wanted.description);
  const now = deps.clock();
  const ttl = lifetime(wanted);
  const id = Buffer.from(deps.randomBytes(12)).toString("base64url");
  const secret = Buffer.from(deps.randomBytes(32)).toString("base64url");
  const key: ApiKeyBody = {
    id,
    identity,
    description: wanted.description,
    secretHash: hashSecret(secret).toString("hex"),
    createdAt: now.toISOString(),
    createdBy: author,
    expiresAt: ttl === undefined ? null : new Date(now.getTime() + ttl * 1000).toISOString(),
    revokedAt: null,
  };
  return { key, token: formatBearerToken({ kind: "ak", id, secret }) };
}

/** Whether the key proves anything at `now`: it is dead at the very instant of its expiry. */
export function isLive(key: ApiKeyBody, now: Date): boolean {
  return (
    key.revokedAt === null && (key.expiresAt === null || now.getTime() < Date.parse(key.expiresAt))
  );
}

function lifetime(wanted: NewApiKey): number | undefined {
  if (wanted.noExpiry) {
    if (wanted.ttlSeconds !== undefined) throw invalidField("ttl", "must be absent with no_expiry");
    return undefined;
  }
  const ttl = wanted.ttlSeconds ?? defaultTtl;
  if (!(ttl >= minTtl && ttl <= maxTtl)) {
    throw invalidField("ttl", "must be between 1 minute and 10 years");
  }
  return ttl;
}
