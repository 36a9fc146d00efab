import { sql, type RawBuilder } from "kysely";
import type { KindCount } from "../../domain/count-changes.ts";
import type { EntityKind } from "../../domain/entity.ts";
import type { Db } from "../storage.ts";

/** One change of the log, without its items. */
export interface LoggedChange {
  readonly revision: bigint;
  readonly at: Date;
  readonly author: string;
  readonly reason: string;
  /** The source whose configuration was applied, if any. */
  readonly source: string | undefined;
  /** How many entities it created, updated and deleted, kinds in alphabetical order; also once items are pruned. */
  readonly summary: readonly KindCount[];
  /** Whether its items are kept no more. */
  readonly itemsPruned: boolean;
  /** Whether a person was erased from author, reason or request. */
  readonly erased: boolean;
}

/** A row of `change` as a LoggedChange wants it. */
export interface ChangeRow {
  readonly revision: bigint;
  readonly at: Date;
  readonly author: string;
  readonly reason: string;
  readonly source: string | null;
  readonly items_pruned: boolean;
  readonly erased: boolean;
}

/** The columns of a ChangeRow, of a table `c`. */
export const changeColumns = sql`c.revision, c.at, c.author, c.reason, c.source, c.items_pruned, c.erased`;

/** Of which group items are read. */
export interface OfGroup {
  /** Undefined: of all, and those that are of none. */
  readonly group?: string | undefined;
  /** Without what is for readers of the log alone: take-overs, which name a person and not what the group holds. */
  readonly forOwner?: boolean | undefined;
}

/** Whether an item or summary, by its kind, is for who reads so. `kind` is the name of a column. */
export function isFor({ forOwner = false }: OfGroup, kind: string): RawBuilder<boolean> {
  return forOwner ? sql<boolean>`${sql.ref(kind)} <> 'group_take_over'` : sql<boolean>`true`;
}

/** Adds to rows of changes what they did, in numbers; of one group only if it is given. */
export async function withSummaries(
  db: Db,
  rows: readonly ChangeRow[],
  ofGroup: OfGroup,
): Promise<readonly LoggedChange[]> {
  const summaries = await readSummaries(
    db,
    rows.map(({ revision }) => revision),
    ofGroup,
  );
  return rows.map((row) => ({
    revision: row.revision,
    at: row.at,
    author: row.author,
    reason: row.reason,
    source: row.source ?? undefined,
    summary: summaries.get(row.revision) ?? [],
    itemsPruned: row.items_pruned,
    erased: row.erased,
  }));
}

interface SummaryRow {
  readonly revision: bigint;
  readonly kind: EntityKind;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

async function readSummaries(
  db: Db,
  revisions: readonly bigint[],
  ofGroup: OfGroup,
): Promise<ReadonlyMap<bigint, readonly KindCount[]>> {
  if (revisions.length === 0) return new Map();
  const { group } = ofGroup;
  const named = group === undefined ? sql`true` : sql`group_name = ${group}`;
  const { rows } = await sql<SummaryRow>`
    select revision, kind, sum(created)::float8 as created, sum(updated)::float8 as updated,
           sum(deleted)::float8 as deleted
    from change_summary
    where revision = any(${revisions.map(String)}::bigint[]) and ${named}
      and ${isFor(ofGroup, "kind")}
    group by revision, kind
    order by revision, kind
  `.execute(db);
  const summaries = new Map<bigint, KindCount[]>();
  for (const { revision, ...count } of rows) {
    const summary = summaries.get(revision);
    if (summary === undefined) summaries.set(revision, [count]);
    else summary.push(count);
  }
  return summaries;
}
