import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";
import { summaryColumns, toSummary, type ClaimSummary, type SummaryRow } from "./claims.ts";

/** Which claims to list. */
export interface ClaimFilter {
  readonly realm: string;
  /** Undefined: of all jobs. */
  readonly jobId: string | undefined;
  readonly showEnded: boolean;
  /** Whose: the uid of the bot or runner that came by its own credential, or else the identity, folded; undefined: everybody's. */
  readonly opener: string | undefined;
  /** Only those that come after this place; undefined: from the newest on. */
  readonly after: string | undefined;
}

/** The place of a claim in a list. */
export function formatClaimPlace({
  openedAt,
  uid,
}: Pick<ClaimSummary, "openedAt" | "uid">): string {
  return `${openedAt} ${uid}`;
}

// As the index has it.
const openerKey = sql`(case when c.opener_uid is not null then c.opener_uid::text
  when c.opener like 'user:%' then lower(c.opener) else c.opener end)`;

/** Lists claims, at most `limit`, the newest first. */
export async function listClaims(
  db: Db | Tx,
  { realm, jobId, showEnded, opener, after }: ClaimFilter,
  limit: number,
): Promise<readonly ClaimSummary[]> {
  const conditions = [sql`c.realm = ${realm}`];
  if (jobId !== undefined) conditions.push(sql`c.job_id = ${jobId}`);
  if (!showEnded) conditions.push(sql`c.state = 'pending'`);
  if (opener !== undefined) conditions.push(sql`${openerKey} = ${opener}`);
  const [at = "", uid = ""] = after?.split(" ") ?? [];
  if (after !== undefined) {
    conditions.push(
      sql`(c.opened_at, c.uid) < (${new Date(Number(at))}::timestamptz, ${uid}::uuid)`,
    );
  }
  const { rows } = await sql<SummaryRow>`
    select ${summaryColumns} from claim c
    where ${sql.join(conditions, sql` and `)}
    order by c.opened_at desc, c.uid desc
    limit ${limit}
  `.execute(db);
  return rows.map(toSummary);
}
