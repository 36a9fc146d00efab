import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import { hashSecret, isLive } from "../../commands/api-key.ts";
import { anonymousIdentity, parseIdentity, type Identity } from "../../domain/identity.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { parseAuthorization } from "./authorization.ts";

/** The authenticated sender of a call. */
export interface Peer {
  readonly identity: Identity;
  /** The id of its API key; empty for an anonymous peer. */
  readonly keyId: string;
  /** When the credential stops to prove anything, in ms since 1970; Infinity: never. */
  readonly expiresAt: number;
}

const anonymousPeer: Peer = { identity: anonymousIdentity, keyId: "", expiresAt: Infinity };

const noHash = Buffer.alloc(32);

/**
 * Who sends a call, by the values of its `authorization` headers. "refused": the credential proves nothing,
 * or there is none and there must be one. "unverifiable": it has the form of one, but there is no state
 * that could tell. A bad credential never makes an anonymous peer.
 */
export function authenticate(
  authorization: readonly string[],
  state: ReplicaState | undefined,
  now: Date,
  allowAnonymous: boolean,
): Peer | "refused" | "unverifiable" {
  if (authorization.length === 0) return allowAnonymous ? anonymousPeer : "refused";
  const token = parseAuthorization(authorization);
  if (token === undefined) return "refused";
  if (state === undefined) return "unverifiable";
  const key = state.apiKeys.get(token.id);
  // An unknown id costs the same comparison as a wrong secret.
  const expected = key === undefined ? noHash : Buffer.from(key.secretHash, "hex");
  const same = expected.length === 32 && timingSafeEqual(hashSecret(token.secret), expected);
  if (key === undefined || !same || !isLive(key, now)) return "refused";
  const identity = parseIdentity(key.identity);
  if (identity === undefined) return "refused";
  const expiresAt = key.expiresAt === null ? Infinity : Date.parse(key.expiresAt);
  return { identity, keyId: key.id, expiresAt };
}
