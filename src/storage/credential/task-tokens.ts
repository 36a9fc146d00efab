import { Buffer } from "node:buffer";
import { sql } from "kysely";
import type { Identity } from "../../domain/identity.ts";
import type { Tx } from "../storage.ts";

/** What a task's tokens may be used for at most. */
export interface TaskTerms {
  readonly permissions: readonly string[];
  /** None: all. */
  readonly audiences: readonly string[];
}

/**
 * The terms of the first registration of a task that this transaction has locked; undefined: none of its credentials is stored any more.
 * Later ones never have more, so the first is the widest: their times tell less, as who began first may have come second.
 */
export async function readFirstTerms(tx: Tx, taskUid: string): Promise<TaskTerms | undefined> {
  const { rows } = await sql<TaskTerms>`
    with issued as (
      select permissions, audiences from credential where subject_uid = ${taskUid} and kind = 'task'
    )
    select
      (select permissions from issued order by cardinality(permissions) desc limit 1) as permissions,
      (select audiences from issued order by cardinality(audiences) = 0 desc, cardinality(audiences) desc limit 1) as audiences
    where exists (select from issued)
  `.execute(tx);
  return rows[0];
}

/** A credential that stands for a token which a forge made. */
export interface SuppliedToken {
  readonly id: string;
  readonly taskUid: string;
  readonly isRevoked: boolean;
}

/** The credentials of a token that a forge made, by its hashes (hexadecimal) under all keys. */
export async function findSuppliedToken(
  tx: Tx,
  hashes: readonly string[],
): Promise<readonly SuppliedToken[]> {
  const rows = await tx
    .selectFrom("credential")
    .select(["id", "subject_uid", "revoked_at"])
    .where(
      "lookup_hash",
      "in",
      hashes.map((hash) => Buffer.from(hash, "hex")),
    )
    .execute();
  return rows.map((row) => ({
    id: row.id,
    taskUid: row.subject_uid,
    isRevoked: row.revoked_at !== null,
  }));
}

/** A token of which another takes the place, and what it was good for. */
export interface ReplacedToken extends TaskTerms {
  readonly id: string;
}

/**
 * Revokes the token that was minted for a hold, if it is not revoked yet, as another takes its place. Returns those revoked. Who issued it
 * is compared as holders are: `issuedBy` is folded.
 */
export async function replaceMintedToken(
  tx: Tx,
  of: { readonly taskUid: string; readonly holdId: string; readonly issuedBy: Identity },
  replacedBy: string,
): Promise<readonly ReplacedToken[]> {
  return tx
    .updateTable("credential")
    .set({
      revoked_at: sql<Date>`clock_timestamp()`,
      revoke_reason: "replaced",
      replaced_by: replacedBy,
      version: sql<bigint>`version + 1`,
    })
    .where("subject_uid", "=", of.taskUid)
    .where("kind", "=", "task")
    .where("hold_id", "=", of.holdId)
    .where(
      sql`case when issued_by like 'user:%' then lower(issued_by) else issued_by end`,
      "=",
      of.issuedBy,
    )
    .where("lookup_hash", "is", null)
    .where("revoked_at", "is", null)
    .returning(["id", "permissions", "audiences"])
    .execute();
}
