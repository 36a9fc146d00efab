import { Buffer } from "node:buffer";
import { hashSecret } from "../credentials/secret.ts";
import { formatBearerToken } from "../domain/bearer-token.ts";
import type { ApiKeyBody } from "../domain/entity.ts";
import { invalidField } from "../domain/errors.ts";
import { identityKind, identityRule, parseIdentity, type Identity } from "../domain/identity.ts";
import type { WriteDeps } from "./deps.ts";
import { checkText } from "./input.ts";

export { expectHash, hashSecret, isSecret, type ExpectedHash } from "../credentials/secret.ts";

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
