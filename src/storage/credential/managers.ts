import { sql, type Selectable } from "kysely";
import type { ManagerInfo } from "../../domain/credential/manager-info.ts";
import type { Db, Tx } from "../storage.ts";
import type { ManagerTable } from "./schema.ts";

/** A manager as storage holds it. */
export type ManagerRow = Readonly<Selectable<ManagerTable>>;

/** One machine of one runner. */
export interface ManagerKey {
  readonly runnerUid: string;
  readonly systemId: string;
}

/** Reads a manager of a runner that this transaction has locked. */
export async function readManager(tx: Tx, key: ManagerKey): Promise<ManagerRow | undefined> {
  return tx
    .selectFrom("manager")
    .selectAll()
    .where("runner_uid", "=", key.runnerUid)
    .where("system_id", "=", key.systemId)
    .executeTakeFirst();
}

/** How many managers a runner has. */
export async function countManagers(tx: Tx, runnerUid: string): Promise<number> {
  const { count } = await tx
    .selectFrom("manager")
    .select(sql<number>`count(*)::int`.as("count"))
    .where("runner_uid", "=", runnerUid)
    .executeTakeFirstOrThrow();
  return count;
}

/** Whether a manager has a credential that is good for something, as of an instant. */
export async function hasLiveCredential(
  tx: Tx,
  { runnerUid, systemId }: ManagerKey,
  now: number,
): Promise<boolean> {
  const found = await tx
    .selectFrom("credential")
    .select("id")
    .where("subject_uid", "=", runnerUid)
    .where("system_id", "=", systemId)
    .where("kind", "=", "runner")
    .where("revoked_at", "is", null)
    .where("expires_at", ">", new Date(now))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** A machine that enrols. */
export interface Enrolment extends ManagerKey {
  readonly credentialId: string;
  /** The enrolment token. */
  readonly enrolledBy: string;
  readonly nonceHash: Uint8Array;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What it says of itself; undefined: nothing. */
  readonly info: ManagerInfo | undefined;
}

/**
 * Writes down a manager of a runner that this transaction has locked, as one that enrolled just now, and what it says of itself. It was not
 * heard of by that: enrolling is no sign that it works.
 */
export async function saveEnrolment(tx: Tx, enrolment: Enrolment): Promise<void> {
  const { runnerUid, systemId, info } = enrolment;
  const key = { runner_uid: runnerUid, system_id: systemId };
  const values = {
    credential_id: enrolment.credentialId,
    enrolled_by: enrolment.enrolledBy,
    nonce_hash: enrolment.nonceHash,
    enrolled_at: new Date(enrolment.at),
  };
  await tx
    .insertInto("manager")
    .values({ ...key, ...values })
    .onConflict((conflict) => conflict.columns(["runner_uid", "system_id"]).doUpdateSet(values))
    .execute();
  if (info === undefined) return;
  await tx
    .insertInto("manager_contact")
    .values({ ...key, contacted_at: null, info: JSON.stringify(info) })
    .onConflict((conflict) =>
      conflict
        .columns(["runner_uid", "system_id"])
        .doUpdateSet({ info: sql<string>`manager_contact.info || excluded.info` }),
    )
    .execute();
}

/** Notes which credential of a manager is its newest. False: there is no such manager any more. */
export async function setManagerCredential(
  tx: Tx,
  { runnerUid, systemId }: ManagerKey,
  credentialId: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("manager")
    .set({ credential_id: credentialId })
    .where("runner_uid", "=", runnerUid)
    .where("system_id", "=", systemId)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Counts a use of an enrolment token, and notes when that was the last one. False: there was none left, and nothing was counted.
 */
export async function countEnrolment(tx: Tx, credentialId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("credential")
    .set({
      uses: sql<number>`uses + 1`,
      used_at: sql<Date | null>`case when uses + 1 >= max_uses then clock_timestamp() end`,
      version: sql<bigint>`version + 1`,
    })
    .where("id", "=", credentialId)
    .where("kind", "=", "enroll")
    .where(sql<boolean>`uses < max_uses`)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Removes a manager, or all of a runner that this transaction has locked, with what was heard of them. How many. */
export async function deleteManagers(
  tx: Tx,
  runnerUid: string,
  systemId?: string,
): Promise<number> {
  // In the order in which those go who write down what was heard of several, so that they do not wait for each other.
  await tx
    .selectFrom("manager")
    .select("system_id")
    .where("runner_uid", "=", runnerUid)
    .$if(systemId !== undefined, (query) => query.where("system_id", "=", systemId ?? ""))
    .orderBy("system_id")
    .forUpdate()
    .execute();
  // Whoever writes down that it was heard of holds its row: what they wrote is seen by the second statement.
  let managers = tx.deleteFrom("manager").where("runner_uid", "=", runnerUid);
  let contacts = tx.deleteFrom("manager_contact").where("runner_uid", "=", runnerUid);
  if (systemId !== undefined) {
    managers = managers.where("system_id", "=", systemId);
    contacts = contacts.where("system_id", "=", systemId);
  }
  const { numDeletedRows } = await managers.executeTakeFirst();
  await contacts.execute();
  return Number(numDeletedRows);
}

/** A manager as it is shown. */
export interface ManagerView {
  readonly systemId: string;
  readonly enrolledAt: Date;
  /** Null: it was never heard of. */
  readonly contactedAt: Date | null;
  readonly isReady: boolean;
  /** Null: not known. */
  readonly source: string | null;
  readonly info: ManagerInfo;
  readonly credentialId: string;
  /** When that ends, or was revoked; null: it is kept no more. */
  readonly expiresAt: Date | null;
}

/** A part of a list of managers, and the clock of the database while it was read, in milliseconds since 1970. */
export interface ManagersRead {
  readonly managers: readonly ManagerView[];
  readonly now: number;
}

/** The managers of a runner whose system id comes after `after`, by system id. */
export async function readManagersOf(
  db: Db,
  runnerUid: string,
  after: string,
  limit: number,
): Promise<ManagersRead> {
  const rows = await db
    .selectFrom("manager as m")
    .leftJoin("manager_contact as h", (join) =>
      join.onRef("h.runner_uid", "=", "m.runner_uid").onRef("h.system_id", "=", "m.system_id"),
    )
    .leftJoin("credential as c", "c.id", "m.credential_id")
    .select(["m.system_id", "m.enrolled_at", "m.credential_id"])
    .select(["h.contacted_at", "h.is_ready", "h.source", "h.info"])
    .select(sql<Date | null>`least(c.expires_at, c.revoked_at)`.as("expires_at"))
    .select(sql<Date>`now()`.as("now"))
    .where("m.runner_uid", "=", runnerUid)
    .where("m.system_id", ">", after)
    .orderBy("m.system_id")
    .limit(limit)
    .execute();
  const managers = rows.map((row) => ({
    systemId: row.system_id,
    enrolledAt: row.enrolled_at,
    contactedAt: row.contacted_at,
    isReady: row.is_ready ?? false,
    source: row.source,
    info: (row.info ?? {}) as ManagerInfo,
    credentialId: row.credential_id,
    expiresAt: row.expires_at,
  }));
  return { managers, now: rows[0]?.now.getTime() ?? 0 };
}

/** What a rotation does to the token that it replaces. */
export interface Rotation {
  /** The token that goes on until the end of its grace. */
  readonly id: string;
  readonly nonceHash: Uint8Array;
  readonly replacedBy: string;
  /** When it was first rotated, and when it dies. Milliseconds since 1970. */
  readonly at: number;
  readonly until: number;
}

/** Notes that a runner token is replaced. It was not used up by that: it goes on for a while. */
export async function markRotated(tx: Tx, rotation: Rotation): Promise<void> {
  await tx
    .updateTable("credential")
    .set({
      rotated_at: new Date(rotation.at),
      nonce_hash: rotation.nonceHash,
      replaced_by: rotation.replacedBy,
      expires_at: new Date(rotation.until),
      version: sql<bigint>`version + 1`,
    })
    .where("id", "=", rotation.id)
    .execute();
}

/** Whether a use of a credential was written down; uses of the last seconds may not be. */
export async function wasUsed(tx: Tx, credentialId: string): Promise<boolean> {
  const found = await tx
    .selectFrom("credential_use")
    .select("id")
    .where("id", "=", credentialId)
    .executeTakeFirst();
  return found !== undefined;
}
