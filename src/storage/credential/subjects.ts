import { sql, type Selectable, type Updateable } from "kysely";
import type { SubjectKind } from "../../domain/credential/kinds.ts";
import type { Db, Tx } from "../storage.ts";
import { appendCredentialEvents } from "./events.ts";
import type { SubjectTable } from "./schema.ts";

/** A subject as storage holds it. */
export type SubjectRow = Readonly<Selectable<SubjectTable>>;

/** Which subject is meant: the live one of an id, or the one of a uid, be it deleted. */
export type SubjectKey =
  { readonly kind: SubjectKind; readonly id: string } | { readonly uid: string };

/** A subject whose row this transaction has locked, and when it had the lock by the clock of the database. */
export interface LockedSubject {
  readonly row: SubjectRow;
  /**
   * Milliseconds since 1970. Not `now()` of the transaction, which began before it waited for the lock: by that, what ended
   * meanwhile would not have ended yet.
   */
  readonly now: number;
}

/**
 * Reads a subject and locks its row: every write of a subject, its credentials or its holds begins with it, so that they
 * come one after another and whoever waited sees what the one before has done. Undefined: there is none.
 */
export async function lockSubject(tx: Tx, key: SubjectKey): Promise<LockedSubject | undefined> {
  // Outside of the locking query, where the clock is read once the lock is had.
  const row = await tx
    .with("locked", () => selectSubject(tx, key).forUpdate())
    .selectFrom("locked")
    .selectAll()
    .select(sql<Date>`clock_timestamp()`.as("locked_at"))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { locked_at: lockedAt, ...subject } = row;
  return { row: subject, now: lockedAt.getTime() };
}

/** Reads a subject without a lock. Undefined: there is none. */
export async function readSubject(db: Db | Tx, key: SubjectKey): Promise<SubjectRow | undefined> {
  return selectSubject(db, key).executeTakeFirst();
}

function selectSubject(db: Db | Tx, key: SubjectKey) {
  const all = db.selectFrom("subject").selectAll();
  if ("uid" in key) return all.where("uid", "=", key.uid);
  return all
    .where("kind", "=", key.kind)
    .where("subject_id", "=", key.id)
    .where("deleted_at", "is", null);
}

/** What a change of a subject sets; the version rises by itself. */
export type SubjectChanges = Omit<Updateable<SubjectTable>, "uid" | "kind" | "version">;

/** What replicas hear of a change. */
export interface BumpEvent {
  /** Whether the subject may do less than before: what was signed for an earlier version must not be used. */
  readonly shrinks: boolean;
  /** The credential that changed; undefined: the subject. */
  readonly credentialId?: string;
}

/**
 * Changes a subject that this transaction has locked: its version rises by one, and the log of events tells replicas.
 * Returns it as it is then.
 */
export async function bumpSubject(
  tx: Tx,
  { uid, realm }: Pick<SubjectRow, "uid" | "realm">,
  changes: SubjectChanges,
  event: BumpEvent,
): Promise<SubjectRow> {
  const row = await tx
    .updateTable("subject")
    .set({ ...changes, version: sql<bigint>`version + 1` })
    .where("uid", "=", uid)
    .returningAll()
    .executeTakeFirstOrThrow();
  await appendCredentialEvents(tx, [{ ...event, subjectUid: uid, realm, version: row.version }]);
  return row;
}
