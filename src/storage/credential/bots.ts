import { sql } from "kysely";
import type { Tx, Db } from "../storage.ts";
import type { OneTimeFetch } from "./schema.ts";
import type { SubjectRow } from "./subjects.ts";

/** A bot that is to be created. */
export interface NewBot {
  readonly uid: string;
  readonly id: string;
  readonly realm: string;
  /** Undefined: not said. */
  readonly pool: string | undefined;
  /** By the name of a one-time secret: where it is. */
  readonly references: ReadonlyMap<string, string>;
  readonly createdBy: string;
}

/** Creates a bot as it begins. Undefined: there is a live one of this id, or any of this uid. */
export async function insertBot(tx: Tx, bot: NewBot): Promise<SubjectRow | undefined> {
  return tx
    .insertInto("subject")
    .values({
      uid: bot.uid,
      kind: "bot",
      subject_id: bot.id,
      realm: bot.realm,
      pool: bot.pool ?? null,
      state: "pending",
      instance_state: "pending_create",
      one_time_references: JSON.stringify(Object.fromEntries(bot.references)),
      created_by: bot.createdBy,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

/** The live bots of a realm whose id comes after `after`, by id. */
export async function readBotsOfRealm(
  db: Db,
  realm: string,
  after: string,
  limit: number,
): Promise<readonly SubjectRow[]> {
  return db
    .selectFrom("subject")
    .selectAll()
    .where("kind", "=", "bot")
    .where("realm", "=", realm)
    .where("deleted_at", "is", null)
    .where("subject_id", ">", after)
    .orderBy("subject_id")
    .limit(limit)
    .execute();
}

/** The realms that deleted bots of this id were in, as long as storage remembers them. */
export async function readRealmsOfDeleted(db: Db, id: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("subject")
    .select("realm")
    .distinct()
    .where("kind", "=", "bot")
    .where("subject_id", "=", id)
    .where("deleted_at", "is not", null)
    .execute();
  return rows.map(({ realm }) => realm);
}

/** Notes that a one-time secret is fetched, unless it was in this generation. Whether it was noted. */
export async function markFetched(
  tx: Tx,
  { uid, generation }: Pick<SubjectRow, "uid" | "generation">,
  name: string,
  fetch: Omit<OneTimeFetch, "at">,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("subject")
    .set({
      one_time: sql<string>`one_time || jsonb_build_object(
        ${name}::text,
        jsonb_build_object('at', now(), 'id', ${fetch.id}::text, 'by', ${fetch.by}::text)
      )`,
    })
    .where("uid", "=", uid)
    .where("generation", "=", generation)
    .where(sql<boolean>`not jsonb_exists(one_time, ${name})`)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Takes a fetch back, if it is still this one. Whether it was taken back. */
export async function unmarkFetched(
  tx: Tx,
  { uid, generation }: Pick<SubjectRow, "uid" | "generation">,
  name: string,
  fetch: Omit<OneTimeFetch, "at">,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("subject")
    .set({ one_time: sql<string>`one_time - ${name}::text` })
    .where("uid", "=", uid)
    .where("generation", "=", generation)
    .where(sql<boolean>`one_time -> ${name}::text ->> 'id' = ${fetch.id}`)
    .where(sql<boolean>`one_time -> ${name}::text ->> 'by' = ${fetch.by}`)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
