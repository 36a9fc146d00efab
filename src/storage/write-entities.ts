import { sql, type RawBuilder } from "kysely";
import type { EntityBodies, EntityChange, EntityKind } from "../domain/entity.ts";
import { entityKinds, entityTables, type EntityTable } from "./entity-tables.ts";
import { jsonChunks } from "./json-chunks.ts";
import { readTakeOvers } from "./take-overs.ts";
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
 * them. A change must fit what is stored (an update or deletion finds its row, with the same manager; a group that is
 * taken over is changed as if it had none), or everything fails.
 */
export async function writeEntities(tx: Tx, write: EntityWrite): Promise<void> {
  await touchSources(tx, write);
  const byKind = groupByKind(write.changes);
  const manager = await managerOf(tx, write.source, byKind);
  for (const kind of entityKinds.toReversed()) {
    const bodies = byKind.get(kind)?.deleted ?? [];
    await writeRows(tx, kind, bodies, (rows) => deleteRows(kind, rows, manager));
  }
  for (const kind of entityKinds) {
    const { updated, created } = byKind.get(kind) ?? { updated: [], created: [] };
    await writeRows(tx, kind, updated, (rows) => updateRows(kind, rows, manager));
    await writeRows(tx, kind, created, (rows) => insertRows(kind, rows, manager));
  }
}

/** Who changes entities. */
interface Manager {
  /** The source; null: none. */
  readonly source: string | null;
  /** The groups that no source changes although one manages them. */
  readonly takenOver: readonly string[];
}

async function managerOf(
  tx: Tx,
  source: string | undefined,
  byKind: ReadonlyMap<EntityKind, KindChanges>,
): Promise<Manager> {
  if (source !== undefined || !byKind.has("group"))
    return { source: source ?? null, takenOver: [] };
  const takeOvers = await readTakeOvers(tx);
  return { source: null, takenOver: takeOvers.map(({ group }) => group) };
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
  for (const { kind, before, after } of changes) {
    const body = after ?? before;
    // Who edits a group is no change of it.
    if (body === undefined || kind === "group_take_over") continue;
    if (kind === "group" && "name" in body) groups.add(body.name);
    if (kind !== "delegation" && "group" in body) groups.add(body.group);
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
  manager: Manager,
): RawBuilder<unknown> {
  const { columns, managed } = entityTables[kind];
  const names = sql.raw(Object.keys(columns).join(", "));
  return managed
    ? sql`insert into ${sql.table(kind)} (${names}, managed_by)
          select ${names}, ${manager.source}::text from ${rows}`
    : sql`insert into ${sql.table(kind)} (${names}) select ${names} from ${rows}`;
}

function updateRows(
  kind: EntityKind,
  rows: RawBuilder<unknown>,
  manager: Manager,
): RawBuilder<unknown> {
  const assignments = Object.keys(entityTables[kind].columns).map((name) => `${name} = r.${name}`);
  return sql`update ${sql.table(kind)} as t set ${sql.raw(assignments.join(", "))}
             from ${rows} where ${matches(kind, manager)}`;
}

function deleteRows(
  kind: EntityKind,
  rows: RawBuilder<unknown>,
  manager: Manager,
): RawBuilder<unknown> {
  return sql`delete from ${sql.table(kind)} as t using ${rows} where ${matches(kind, manager)}`;
}

/** Uses the primary key of each table. */
function matches(kind: EntityKind, { source, takenOver }: Manager): RawBuilder<unknown> {
  const { key, managed } = entityTables[kind];
  const sameKey = sql.raw(key.map((name) => `t.${name} = r.${name}`).join(" and "));
  if (!managed) return sameKey;
  const sameManager = sql`t.managed_by is not distinct from ${source}::text`;
  return kind === "group" && takenOver.length > 0
    ? sql`${sameKey} and (${sameManager} or t.name = any(${[...takenOver]}::text[]))`
    : sql`${sameKey} and ${sameManager}`;
}
