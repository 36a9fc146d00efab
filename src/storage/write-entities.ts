import { sql, type RawBuilder } from "kysely";
import type { EntityBodies, EntityChange, EntityKind } from "../domain/entity.ts";
import { entityKinds, entityTables, type EntityTable } from "./entity-tables.ts";
import { jsonChunks } from "./json-chunks.ts";
import type { Tx } from "./storage.ts";

/** What is written to the tables of entities. */
export interface EntityWrite {
  readonly revision: bigint;
  readonly source: string | undefined;
  readonly changes: readonly EntityChange[];
}

interface KindChanges {
  readonly deleted: EntityBodies[EntityKind][];
  readonly updated: EntityBodies[EntityKind][];
  readonly created: EntityBodies[EntityKind][];
}

/**
 * Brings the tables of entities in step with a change: children go before their parents and come after
 * them. A change must fit what is stored (an update or deletion finds its row, with the same manager), or
 * everything fails.
 */
export async function writeEntities(tx: Tx, write: EntityWrite): Promise<void> {
  await touchSources(tx, write);
  const byKind = groupByKind(write.changes);
  const managedBy = write.source ?? null;
  for (const kind of entityKinds.toReversed()) {
    const bodies = byKind.get(kind)?.deleted ?? [];
    await writeRows(tx, kind, bodies, (rows) => deleteRows(kind, rows, managedBy));
  }
  for (const kind of entityKinds) {
    const { updated, created } = byKind.get(kind) ?? { updated: [], created: [] };
    await writeRows(tx, kind, updated, (rows) => updateRows(kind, rows, managedBy));
    await writeRows(tx, kind, created, (rows) => insertRows(kind, rows, managedBy));
  }
}

/** A source has changed when it was applied, or when one of its groups was edited otherwise. */
async function touchSources(tx: Tx, { revision, source, changes }: EntityWrite): Promise<void> {
  if (source !== undefined) {
    await tx
      .insertInto("source")
      .values({ name: source, revision })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ revision }))
      .execute();
    return;
  }
  const groups = new Set<string>();
  for (const { before, after } of changes) {
    const body = after ?? before;
    if (body !== undefined && "group" in body) groups.add(body.group);
  }
  if (groups.size === 0) return;
  await sql`
    update source set revision = ${revision.toString()}::bigint
    where name in (
      select managed_by from "group"
      where name in (select json_array_elements_text(${JSON.stringify([...groups])}::json))
    )
  `.execute(tx);
}

function groupByKind(changes: readonly EntityChange[]): ReadonlyMap<EntityKind, KindChanges> {
  const byKind = new Map<EntityKind, KindChanges>();
  for (const { kind, before, after } of changes) {
    let ofKind = byKind.get(kind);
    if (ofKind === undefined) {
      ofKind = { deleted: [], updated: [], created: [] };
      byKind.set(kind, ofKind);
    }
    if (after === undefined) {
      if (before !== undefined) ofKind.deleted.push(before);
    } else if (before === undefined) ofKind.created.push(after);
    else ofKind.updated.push(after);
  }
  return byKind;
}

async function writeRows(
  tx: Tx,
  kind: EntityKind,
  bodies: readonly EntityBodies[EntityKind][],
  statement: (rows: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<void> {
  if (bodies.length === 0) return;
  // Every body was found under this kind.
  const { columns, toRow } = entityTables[kind] as EntityTable<EntityKind>;
  const definitions = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  for (const { json, count } of jsonChunks(bodies, toRow)) {
    const rows = sql`json_to_recordset(${json}::json) as r (${sql.raw(definitions.join(", "))})`;
    const { numAffectedRows } = await statement(rows).execute(tx);
    if (numAffectedRows !== BigInt(count)) {
      throw new Error(`a change of ${count} ${kind} rows found ${numAffectedRows}`);
    }
  }
}

function insertRows(
  kind: EntityKind,
  rows: RawBuilder<unknown>,
  managedBy: string | null,
): RawBuilder<unknown> {
  const { columns, managed } = entityTables[kind];
  const names = sql.raw(Object.keys(columns).join(", "));
  return managed
    ? sql`insert into ${sql.table(kind)} (${names}, managed_by)
          select ${names}, ${managedBy}::text from ${rows}`
    : sql`insert into ${sql.table(kind)} (${names}) select ${names} from ${rows}`;
}

function updateRows(
  kind: EntityKind,
  rows: RawBuilder<unknown>,
  managedBy: string | null,
): RawBuilder<unknown> {
  const assignments = Object.keys(entityTables[kind].columns).map((name) => `${name} = r.${name}`);
  return sql`update ${sql.table(kind)} as t set ${sql.raw(assignments.join(", "))}
             from ${rows} where ${matches(kind, managedBy)}`;
}

function deleteRows(
  kind: EntityKind,
  rows: RawBuilder<unknown>,
  managedBy: string | null,
): RawBuilder<unknown> {
  return sql`delete from ${sql.table(kind)} as t using ${rows} where ${matches(kind, managedBy)}`;
}

/** Uses the primary key of each table. */
function matches(kind: EntityKind, managedBy: string | null): RawBuilder<unknown> {
  const { key, managed } = entityTables[kind];
  const sameKey = sql.raw(key.map((name) => `t.${name} = r.${name}`).join(" and "));
  return managed
    ? sql`${sameKey} and t.managed_by is not distinct from ${managedBy}::text`
    : sameKey;
}
