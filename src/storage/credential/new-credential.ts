import { Buffer } from "node:buffer";
import { sql } from "kysely";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import type { Tx } from "../storage.ts";

/** A credential that is to be issued. */
export interface NewCredential {
  /** 96 random bits in base64url. */
  readonly id: string;
  readonly kind: CredentialKind;
  readonly subjectUid: string;
  /** Those of the subject for which it is good. */
  readonly generation: number;
  readonly epoch: bigint;
  /** SHA-256 of its secret; undefined: a forge made the token. */
  readonly secretHash: Uint8Array | undefined;
  /** HMAC-SHA256 of a token that a forge made (hexadecimal), and the key that made it; undefined: the token is ours. */
  readonly lookup?: { readonly keyId: string; readonly hash: string };
  /** Of a task: the hold whose registration had it issued. */
  readonly holdId?: string;
  /** None: all. */
  readonly audiences: readonly string[];
  /** Of a task: the most that it may be used for. */
  readonly permissions?: readonly string[];
  /** When it dies, milliseconds since 1970 by the clock of the database. */
  readonly expiresAt: number;
  /** Of a session and its resume token: when whatever is taken over from it dies at the latest, in the same milliseconds. */
  readonly sessionsUntil?: number;
  /** Of an enrolment token: how often it may be used. */
  readonly maxUses?: number;
  /** Of a runner token: the manager whose it is. */
  readonly systemId?: string;
  /** The credential that had it issued; undefined: none of a bot, a task or a runner. */
  readonly parent?: string | undefined;
  /** The identity that had it issued. */
  readonly issuedBy: string;
}

/** Stores a credential of a subject that this transaction has locked. */
export async function insertCredential(tx: Tx, wanted: NewCredential): Promise<void> {
  const { lookup, secretHash } = wanted;
  await tx
    .insertInto("credential")
    .values({
      id: wanted.id,
      kind: wanted.kind,
      subject_uid: wanted.subjectUid,
      generation: wanted.generation,
      epoch: wanted.epoch,
      secret_hash: secretHash ?? null,
      lookup_hash: lookup === undefined ? null : Buffer.from(lookup.hash, "hex"),
      lookup_key: lookup?.keyId ?? null,
      hold_id: wanted.holdId ?? null,
      audiences: textArray(wanted.audiences),
      permissions: textArray(wanted.permissions ?? []),
      expires_at: new Date(wanted.expiresAt),
      sessions_until: wanted.sessionsUntil === undefined ? null : new Date(wanted.sessionsUntil),
      max_uses: wanted.maxUses ?? null,
      system_id: wanted.systemId ?? null,
      parent: wanted.parent ?? null,
      issued_by: wanted.issuedBy,
    })
    .execute();
}

function textArray(texts: readonly string[]) {
  return sql<string[]>`${[...texts]}::text[]`;
}
