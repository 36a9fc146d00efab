import { sql } from "kysely";
import type { EntityChange } from "../../domain/entity.ts";
import type { Db } from "../storage.ts";
import {
  changeColumns,
  isFor,
  withSummaries,
  type ChangeRow,
  type LoggedChange,
  type OfGroup,
} from "./logged-change.ts";

/** What a change did to one entity, as the log holds it. */
export type LoggedItem = EntityChange & {
  /** Its place in the change, from 1. */
  readonly seq: number;
  readonly op: "create" | "update" | "delete";
  /** Whether a person was erased from it: names in it are replaced. */
  readonly erased: boolean;
};

/** Which items of a change to read. */
export interface ItemRange extends OfGroup {
  /** Only those after this place; 0: from the first. */
  readonly afterSeq: number;
  /** At most so many. */
  readonly limit: number;
}

/** Reads a change; its summary counts one group only if it is given. Undefined when there is none. */
export async function readChange(
  db: Db,
  revision: bigint,
  ofGroup: OfGroup = {},
): Promise<LoggedChange | undefined> {
  const { rows } = await sql<ChangeRow>`
    select ${changeColumns} from change as c where c.revision = ${revision.toString()}::bigint
  `.execute(db);
  const [change] = await withSummaries(db, rows, ofGroup);
  return change;
}

/** Reads items of a change in their order, which is that of kinds and keys. Pruned ones are none. */
export async function readChangeItems(
  db: Db,
  revision: bigint,
  range: ItemRange,
): Promise<readonly LoggedItem[]> {
  const { group, afterSeq, limit } = range;
  const columns = sql`i.seq, i.kind, i.key, i.op, i.before, i.after, i.erased`;
  const items =
    group === undefined
      ? sql`change_item as i`
      : // The summary knows about where they are, so that the items of others are not read.
        sql`change_summary as s join change_item as i
            on i.revision = s.revision and i.kind = s.kind
            and i.seq between s.first_seq and s.last_seq
            and s.group_name = ${group} and s.group_name <> ''
            and split_part(i.key, ' ', 1) = ${group}`;
  const { rows } = await sql<ItemRow>`
    select ${columns} from ${items} join change as c on c.revision = i.revision
    where i.revision = ${revision.toString()}::bigint and i.seq > ${afterSeq}
      and not c.items_pruned and ${isFor(range, "i.kind")}
    order by i.seq limit ${limit}
  `.execute(db);
  return rows.map(
    ({ before, after, ...row }) =>
      ({ ...row, before: before ?? undefined, after: after ?? undefined }) as LoggedItem,
  );
}

interface ItemRow {
  readonly seq: number;
  readonly kind: string;
  readonly key: string;
  readonly op: string;
  readonly before: object | null;
  readonly after: object | null;
  readonly erased: boolean;
}
