import { expectHash, type ExpectedHash } from "../../commands/api-key.ts";
import type { ApiKeyBody } from "../../domain/entity.ts";
import { parseIdentity } from "../../domain/identity.ts";
import type { Peer } from "./peer.ts";

/** What has to be known of an API key to hold a token against it, worked out once. Nothing in it is a secret. */
export interface KnownKey {
  /** Undefined: it has no proper hash, and nobody can have its secret. */
  readonly hash: ExpectedHash | undefined;
  /** The first instant at which it proves nothing, in ms since 1970: its expiry; -Infinity when it is revoked. */
  readonly deadAt: number;
  /** Who its bearer is; undefined: nobody, its identity is malformed. */
  readonly peer: Peer | undefined;
}

// A key that changes is another object: what is known of it goes with the state that holds it.
const known = new WeakMap<ApiKeyBody, KnownKey>();

/** What is known of a key. */
export function knownKey(key: ApiKeyBody): KnownKey {
  const before = known.get(key);
  if (before !== undefined) return before;
  const now = prepare(key);
  known.set(key, now);
  return now;
}

function prepare({
  id,
  identity: text,
  secretHash,
  expiresAt: end,
  revokedAt,
}: ApiKeyBody): KnownKey {
  const identity = parseIdentity(text);
  const expiresAt = end === null ? Infinity : Date.parse(end);
  const credential = { kind: "api_key", id } as const;
  return {
    hash: expectHash(secretHash),
    deadAt: revokedAt === null ? expiresAt : -Infinity,
    peer: identity === undefined ? undefined : { identity, credential, expiresAt },
  };
}
