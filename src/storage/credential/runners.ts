import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";
import type { SubjectRow } from "./subjects.ts";

/** A runner that is to be created. */
export interface NewRunner {
  readonly uid: string;
  readonly id: string;
  readonly realm: string;
  /** Undefined: not said. */
  readonly pool: string | undefined;
  readonly maxManagers: number;
  readonly createdBy: string;
}

/** A runner as storage holds it, and how many managers it has. */
export interface RunnerRow extends SubjectRow {
  readonly managers: number;
}

/** Creates a runner. Undefined: there is a live one of this id. */
export async function insertRunner(tx: Tx, runner: NewRunner): Promise<SubjectRow | undefined> {
  return tx
    .insertInto("subject")
    .values({
      uid: runner.uid,
      kind: "runner",
      subject_id: runner.id,
      realm: runner.realm,
      pool: runner.pool ?? null,
      state: "active",
      max_managers: runner.maxManagers,
      created_by: runner.createdBy,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** Reads a live runner by its id, or one by its uid. Undefined: there is none. */
export async function readRunner(
  db: Db | Tx,
  key: { readonly id: string } | { readonly uid: string },
): Promise<RunnerRow | undefined> {
  const all = selectRunners(db);
  const found =
    "uid" in key
      ? all.where("s.uid", "=", key.uid)
      : all.where("s.subject_id", "=", key.id).where("s.deleted_at", "is", null);
  return found.executeTakeFirst();
}

/** The live runners of a realm whose id comes after `after`, by id. */
export async function readRunnersOfRealm(
  db: Db,
  realm: string,
  after: string,
  limit: number,
): Promise<readonly RunnerRow[]> {
  return selectRunners(db)
    .where("s.realm", "=", realm)
    .where("s.deleted_at", "is", null)
    .where("s.subject_id", ">", after)
    .orderBy("s.subject_id")
    .limit(limit)
    .execute();
}

function selectRunners(db: Db | Tx) {
  return db
    .selectFrom("subject as s")
    .selectAll("s")
    .select(
      sql<number>`(select count(*)::int from manager as m where m.runner_uid = s.uid)`.as(
        "managers",
      ),
    )
    .where("s.kind", "=", "runner");
}
