import { sql, type RawBuilder } from "kysely";
import { invalidField } from "../../domain/errors.ts";
import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { Db } from "../storage.ts";
import {
  changeColumns,
  isFor,
  withSummaries,
  type ChangeRow,
  type LoggedChange,
  type OfGroup,
} from "./logged-change.ts";

/**
 * Which changes to list: those that fit all that is given. `group`: touches this group; with `kind` too: touches
 * entities of the kind that are of this group.
 */
export interface ChangeFilter extends OfGroup {
  /** An identity, compared as members are, or what stands for who has the database. */
  readonly author?: string | undefined;
  readonly source?: string | undefined;
  /** Touches entities of this kind. */
  readonly kind?: string | undefined;
  /** Touches the entity of `kind` with this key. While its items are kept. */
  readonly key?: string | undefined;
  /** Then or later. */
  readonly since?: Date | undefined;
  /** Before then. */
  readonly until?: Date | undefined;
  /** Below this revision: where a page goes on. */
  readonly before?: bigint | undefined;
}

/**
 * Lists changes, the newest first, at most so many. Reads no items: it takes as long for large changes as for
 * small ones. Fails with INVALID_FIELD for a key without a kind, and with raw errors of the database.
 */
export async function listChanges(
  db: Db,
  filter: ChangeFilter,
  limit: number,
): Promise<readonly LoggedChange[]> {
  if (filter.key !== undefined && filter.kind === undefined) {
    throw invalidField("key", "wants a kind");
  }
  const { rows } = await sql<ChangeRow>`
    select ${changeColumns} from ${candidates(filter)} where ${conditions(filter)}
    order by c.revision desc limit ${limit}
  `.execute(db);
  return withSummaries(db, rows, filter);
}

/** The changes that touch what the filter says, each once; by the one index that finds it. */
function candidates(filter: ChangeFilter): RawBuilder<unknown> {
  const { group, kind, key, before } = filter;
  const below = before === undefined ? sql`true` : sql`revision < ${before.toString()}::bigint`;
  const wanted = kind === undefined ? sql`true` : sql`kind = ${kind}`;
  const ofKind = sql`${wanted} and ${isFor(filter, "kind")}`;
  let touching;
  if (key !== undefined) {
    const ofGroup =
      group === undefined
        ? sql`true`
        : sql`split_part(key, ' ', 1) = ${group}
      and kind in ('group', 'group_member', 'group_glob', 'group_nested', 'group_take_over')`;
    touching = sql`select distinct revision from change_item
      where ${ofKind} and hashtextextended(key, 0) = hashtextextended(${key}::text collate "C", 0)
        and key = ${key} and ${ofGroup} and ${below}`;
  } else if (group !== undefined) {
    touching = sql`select distinct revision from change_summary
      where group_name = ${group} and group_name <> '' and ${ofKind} and ${below}`;
  } else if (kind !== undefined) {
    touching = sql`select distinct revision from change_summary where ${ofKind} and ${below}`;
  } else return sql`change as c`;
  return sql`(${touching}) as touching join change as c on c.revision = touching.revision`;
}

function conditions(filter: ChangeFilter): RawBuilder<unknown> {
  const { author, source, since, until, before } = filter;
  const all: RawBuilder<unknown>[] = [sql`true`];
  if (before !== undefined) all.push(sql`c.revision < ${before.toString()}::bigint`);
  if (author !== undefined) {
    // The expression of an index.
    all.push(sql`(case when c.author like 'user:%' then lower(c.author) else c.author end)
      = ${foldIdentity(author as Identity)}`);
  }
  if (source !== undefined) all.push(sql`c.source = ${source}`);
  // Times never go back from one revision to the next, so that each bound is a revision too.
  if (since !== undefined) {
    all.push(sql`c.revision >= (${firstSince(since)})`);
  }
  if (until !== undefined) {
    all.push(sql`c.revision < coalesce((${firstSince(until)}), ${maxRevision}::bigint)`);
  }
  return sql.join(all, sql` and `);
}

const maxRevision = "9223372036854775807";

function firstSince(time: Date): RawBuilder<unknown> {
  return sql`select f.revision from change as f where f.at >= ${time.toISOString()}::timestamptz
    order by f.at, f.revision limit 1`;
}
