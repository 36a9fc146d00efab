import { Buffer } from "node:buffer";
import type { CredentialDeps } from "../../credentials/deps.ts";
import { formatBearerToken } from "../../domain/bearer-token.ts";
import { kindLetters, type CredentialKind } from "../../domain/credential/kinds.ts";
import { hashSecret } from "../api-key.ts";

/** A token that was just made. */
export interface MintedToken {
  /** Its public id: 96 random bits in base64url. */
  readonly id: string;
  /** Its text. A secret: shown once, kept nowhere. */
  readonly token: string;
  /** SHA-256 of its secret, which is what storage keeps. */
  readonly secretHash: Uint8Array;
}

/** Makes a token of a kind with a secret of 256 random bits; its public id is a new one unless given. */
export function mintToken(
  { randomBytes }: Pick<CredentialDeps, "randomBytes">,
  kind: CredentialKind,
  id = Buffer.from(randomBytes(12)).toString("base64url"),
): MintedToken {
  const secret = Buffer.from(randomBytes(32)).toString("base64url");
  const token = formatBearerToken({ kind: kindLetters[kind], id, secret });
  return { id, token, secretHash: hashSecret(secret) };
}
