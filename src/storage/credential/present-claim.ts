import { sql } from "kysely";
import type { Tx } from "../storage.ts";
import { claimColumns, toClaim, type ClaimRecord, type ClaimRow } from "./claims.ts";

/** Under which public id, and for which job, a token is presented. */
export interface Presented {
  readonly credentialId: string;
  readonly jobId: string;
}

/** A claim to whose opener a refusal is told. */
export type RefusedClaim = Pick<ClaimRecord, "credentialId" | "jobId" | "realm">;

/** All that it takes to judge what is presented, by one statement. */
export interface PresentedFacts {
  /** The claim of the public id, whatever its job is; undefined: there is none. */
  readonly claim: ClaimRecord | undefined;
  /** Null: wiped, or there is no claim. */
  readonly secretHash: Uint8Array | null;
  /** That of the nonce that won; null: none did. */
  readonly nonceHash: Uint8Array | null;
  /** Whether it won so short a time ago that its answer may have been lost. */
  readonly isRecent: boolean;
  /** The bot or runner by whose credential it was opened, if it has a live one of its generation still. */
  readonly opener:
    | {
        readonly state: string | null;
        readonly instanceState: string | null;
        readonly kind: string;
      }
    | undefined;
  /** The pending claim of the job. */
  readonly pending: RefusedClaim | undefined;
}

type FactsRow = { readonly [Name in keyof ClaimRow]: ClaimRow[Name] | null } & {
  readonly secret_hash: Uint8Array | null;
  readonly nonce_hash: Uint8Array | null;
  readonly is_recent: boolean | null;
  readonly opener_kind: string | null;
  readonly opener_state: string | null;
  readonly opener_instance_state: string | null;
  readonly pending_credential_id: string | null;
  readonly pending_realm: string | null;
};

const recently = (lostAnswerMs: number) =>
  sql`c.ended_at > statement_timestamp() - ${lostAnswerMs}::float8 * interval '1 millisecond'`;

/** Reads the facts. One row comes, and the same is done for it, whether there is such a claim or not. */
export async function readPresented(
  tx: Tx,
  { credentialId, jobId }: Presented,
  lostAnswerMs: number,
): Promise<PresentedFacts> {
  const { rows } = await sql<FactsRow>`
    select ${claimColumns}, c.secret_hash, c.nonce_hash, ${recently(lostAnswerMs)} as is_recent,
      p.credential_id as pending_credential_id, p.realm as pending_realm,
      s.kind as opener_kind, s.state as opener_state, s.instance_state as opener_instance_state
    from (values (1)) as one (row)
    left join claim c on c.credential_id = ${credentialId}
    left join claim p on p.job_id = ${jobId} and p.state = 'pending'
    left join subject s
      on s.uid = c.opener_uid and s.deleted_at is null and s.generation = c.opener_generation
      and exists (
        select from credential k
        where k.subject_uid = s.uid and k.generation = s.generation and k.revoked_at is null
          and k.expires_at > clock_timestamp()
          and (k.kind = 'session' and k.epoch = s.epoch or k.kind = 'runner')
      )
  `.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new Error("one row always comes");
  const { opener_kind: kind, pending_credential_id: pendingId } = row;
  return {
    claim: row.uid === null ? undefined : toClaim(row as ClaimRow),
    secretHash: row.secret_hash,
    nonceHash: row.nonce_hash,
    isRecent: row.is_recent === true,
    opener:
      kind === null
        ? undefined
        : { kind, state: row.opener_state, instanceState: row.opener_instance_state },
    pending:
      pendingId === null
        ? undefined
        : { credentialId: pendingId, jobId, realm: row.pending_realm ?? "" },
  };
}

/** What a claim is taken with. */
export interface TakeInput extends Presented {
  /** Whether what was presented is good; else the same statement is executed, and takes nothing. */
  readonly isGood: boolean;
  /** That of the secret which was found good: by now there may be another one. */
  readonly secretHash: Uint8Array;
  readonly nonceHash: Uint8Array;
  /** The uid of the task that it becomes, unless it was taken before. */
  readonly taskUid: string;
  /** From which address; empty: not known. */
  readonly source: string;
  readonly lostAnswerMs: number;
}

/**
 * Takes a pending claim before its deadline, or once more one that was taken with the same nonce a short time ago: then its task is the one
 * that it has. Who waited for another one looks again at what that has left. Its version rises with what comes next: nothing has changed when
 * the task of one that was taken before has ended. Undefined: it was not taken.
 */
export async function takeClaim(tx: Tx, input: TakeInput): Promise<ClaimRecord | undefined> {
  const { secretHash, nonceHash, taskUid, source } = input;
  const { rows } = await sql<ClaimRow>`
    update claim c
    set state = 'claimed', nonce_hash = ${nonceHash}, task_uid = coalesce(c.task_uid, ${taskUid}::uuid),
      claimed_from = coalesce(c.claimed_from, nullif(${source}, '')),
      ended_at = coalesce(c.ended_at, date_trunc('milliseconds', statement_timestamp()))
    where c.credential_id = ${input.credentialId} and c.job_id = ${input.jobId} and ${input.isGood}::boolean
      and c.secret_hash = ${secretHash}
      and (
        c.state = 'pending' and c.deadline > statement_timestamp()
        or c.state = 'claimed' and c.nonce_hash = ${nonceHash} and ${recently(input.lostAnswerMs)}
      )
    returning ${claimColumns}
  `.execute(tx);
  return rows[0] && toClaim(rows[0]);
}
