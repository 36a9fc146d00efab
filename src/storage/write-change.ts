import { sql } from "kysely";
import type { EntityChange } from "../domain/entity.ts";
import { appendChange, readItems, sealChange } from "./change-log.ts";
import { recallRequest, rememberRequest, type RememberedRequest } from "./request-log.ts";
import { readChangeHashIn, readPosition, type RevisionPoint } from "./revision-point.ts";
import type { Storage, Tx } from "./storage.ts";
import { inWriteTransaction } from "./transaction.ts";
import { writeEntities } from "./write-entities.ts";

/** Who changes what for which reason. */
export interface ChangeMeta {
  /** The identity of the author. */
  readonly author: string;
  /** Why, in the author's words; may be empty. */
  readonly reason: string;
  /** Makes the write idempotent for its author; "": it is not. */
  readonly requestId: string;
  /** Tells two requests of one id apart; "" without an id. */
  readonly requestHash: string;
}

/** What to change: by which source (undefined: none), and which entities. */
export interface ChangePlan {
  readonly source: string | undefined;
  readonly changes: readonly EntityChange[];
  /** Make a revision of no changes too, for the sake of its entry in the log; else there is none. */
  readonly evenIfEmpty?: boolean;
}

/** What became of a write, and the revision at which it did. */
export interface WriteResult extends RevisionPoint {
  /**
   * `committed`: there is a new revision. `unchanged`: the plan changed nothing. `repeated`: the same
   * author sent the same request before, and this is what it did then.
   */
  readonly kind: "committed" | "unchanged" | "repeated";
  /** The changes, as planned or as recorded. */
  readonly changes: readonly EntityChange[];
}

/**
 * Writes one change in one transaction: locks the revision row, so that writers come one after another,
 * asks `plan` what to change, writes it with its log entry and notifies the channel `fleetgate_revision`.
 * `plan` reads what it needs through its transaction and must not use other connections; it runs again when
 * the database asks for a retry. Whoever has gone away (`signal`) before the turn came changes nothing; later it is
 * too late. Throws a DomainError: what `plan` throws, REQUEST_ID_REUSED, LIMIT_EXCEEDED (`writers`), WRITE_CONFLICT,
 * STORAGE_UNAVAILABLE (the outcome is then unknown: repeat with the same request id) or INTERNAL_FAULT; and the
 * reason of the signal.
 */
export async function writeChange(
  storage: Storage,
  meta: ChangeMeta,
  plan: (tx: Tx) => Promise<ChangePlan>,
  signal?: AbortSignal,
): Promise<WriteResult> {
  const write = async (tx: Tx): Promise<WriteResult> => {
    await tx.selectFrom("database").select("revision").forUpdate().executeTakeFirstOrThrow();
    const point = await readPosition(tx);
    const earlier = await recallRequest(tx, meta);
    if (earlier !== undefined) return repeat(tx, point, earlier);
    const { source, changes, evenIfEmpty = false } = await plan(tx);
    if (changes.length === 0 && !evenIfEmpty) {
      await rememberRequest(tx, meta, { revision: point.revision, changed: false });
      return { ...pointOf(point), kind: "unchanged", changes };
    }
    const made = await commitChange(tx, point, meta, source, changes);
    await rememberRequest(tx, meta, { revision: made.revision, changed: true });
    return { ...made, kind: "committed", changes };
  };
  return inWriteTransaction(storage, write, signal);
}

async function repeat(
  tx: Tx,
  { databaseId }: RevisionPoint,
  { revision, changed }: RememberedRequest,
): Promise<WriteResult> {
  const chainHash = (await readChangeHashIn(tx, revision)) ?? new Uint8Array(32);
  const changes = changed ? await readItems(tx, revision) : [];
  return { kind: "repeated", databaseId, revision, chainHash, changes };
}

async function commitChange(
  tx: Tx,
  point: RevisionPoint,
  meta: ChangeMeta,
  source: string | undefined,
  changes: readonly EntityChange[],
): Promise<RevisionPoint> {
  const revision = point.revision + 1n;
  const at = await nextTime(tx);
  // The reason as the database will give it back: it knows no unpaired surrogates.
  const entry = sealChange(
    point.chainHash,
    { revision, at, source, ...meta, reason: meta.reason.toWellFormed() },
    changes,
  );
  const { hash } = entry;
  await appendChange(tx, entry, changes);
  await writeEntities(tx, { revision, source, changes });
  await tx
    .updateTable("database")
    .set({ revision, chain_hash: hash, updated_at: at })
    .executeTakeFirstOrThrow();
  await sql`select pg_notify('fleetgate_revision', ${revision.toString()}::text)`.execute(tx);
  return { databaseId: point.databaseId, revision, chainHash: hash };
}

function pointOf({ databaseId, revision, chainHash }: RevisionPoint): RevisionPoint {
  return { databaseId, revision, chainHash };
}

/** The time of the change: the clock of the database in milliseconds, but never before the last change. */
async function nextTime(tx: Tx): Promise<Date> {
  const { at } = await tx
    .selectFrom("database")
    .select(sql<Date>`greatest(updated_at, date_trunc('milliseconds', clock_timestamp()))`.as("at"))
    .executeTakeFirstOrThrow();
  return at;
}
