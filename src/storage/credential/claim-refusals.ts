import { sql } from "kysely";
import { claimRefusals, type ClaimRefusal } from "../../domain/credential/claim-states.ts";
import type { Db, Tx } from "../storage.ts";
import type { ClaimRecord } from "./claims.ts";

/** How many causes are told. */
export const maxRefusals = 100;

/** Why, how often and from where presenting a claim was refused. */
export interface ClaimRefusalCount {
  readonly reason: ClaimRefusal;
  readonly count: bigint;
  /** When it was last written. */
  readonly lastAt: Date;
  /** An address; null: not known. */
  readonly source: string | null;
}

/** What the audit says was refused of a claim: the newest causes, each once. */
export async function listRefusals(
  db: Db | Tx,
  { credentialId, jobId }: Pick<ClaimRecord, "credentialId" | "jobId">,
): Promise<readonly ClaimRefusalCount[]> {
  // What was counted beyond the bounds, or where no claims are presented, names no task.
  const { rows } = await sql<ClaimRefusalCount>`
    select reason, sum(count)::bigint as count, max(at) as "lastAt", source
    from credential_audit
    where credential_id = ${credentialId} and event in ('denied', 'claim_conflict')
      and identity = ${`task:${jobId}`} and reason = any(${[...claimRefusals]}::text[])
    group by reason, source
    order by max(at) desc, reason, source
    limit ${maxRefusals}
  `.execute(db);
  return rows;
}
