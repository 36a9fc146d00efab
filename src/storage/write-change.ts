import { sql } from "kysely";
import type { EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import { appendChange, findRequest, readItems } from "./change-log.ts";
import { chainHash } from "./chain-hash.ts";
import { readStateIn, type StoredState } from "./read-state.ts";
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

/** What to change: by which source (undefined: none), and which entities. No changes: no revision. */
export interface ChangePlan {
  readonly source: string | undefined;
  readonly changes: readonly EntityChange[];
}

/** What became of a write. */
export interface WriteResult {
  /**
   * `committed`: there is a new revision. `unchanged`: the plan changed nothing. `repeated`: the same
   * author sent the same request before, and this is what it did then.
   */
  readonly kind: "committed" | "unchanged" | "repeated";
  /** The revision of the change; the newest one when nothing changed. */
  readonly revision: bigint;
  /** The hash of the change of that revision. */
  readonly chainHash: Uint8Array;
  readonly databaseId: string;
  /** The changes, as planned or as recorded. */
  readonly items: readonly EntityChange[];
}

/**
 * Writes one change in one transaction: locks the revision row, so that writers come one after another,
 * reads the state, asks `plan` what to change, writes it with its log entry and notifies the channel
 * `fleetgate_revision`. `plan` runs again when the database asks for a retry, and must not use other
 * connections. Throws a DomainError: what `plan` throws, REQUEST_ID_REUSED, WRITE_CONFLICT,
 * STORAGE_UNAVAILABLE (the outcome is then unknown: repeat with the same request id) or INTERNAL_FAULT.
 */
export async function writeChange(
  storage: Storage,
  meta: ChangeMeta,
  plan: (state: StoredState, tx: Tx) => Promise<ChangePlan>,
): Promise<WriteResult> {
  return inWriteTransaction(storage, async (tx) => {
    await tx.selectFrom("database").select("revision").forUpdate().executeTakeFirstOrThrow();
    const repeated = await findRepeated(tx, meta);
    if (repeated !== undefined) return repeated;
    const state = await readStateIn(tx);
    const { source, changes } = await plan(state, tx);
    if (changes.length === 0) {
      const { revision, chainHash, databaseId } = state;
      return { kind: "unchanged", revision, chainHash, databaseId, items: [] };
    }
    return commitChange(tx, state, meta, source, changes);
  });
}

async function findRepeated(tx: Tx, meta: ChangeMeta): Promise<WriteResult | undefined> {
  if (meta.requestId === "") return undefined;
  const found = await findRequest(tx, meta.author, meta.requestId);
  if (found === undefined) return undefined;
  if (found.requestHash !== meta.requestHash) {
    throw new DomainError(
      "REQUEST_ID_REUSED",
      "request_id: was used before for another request; choose a new one",
      { request_id: meta.requestId },
    );
  }
  const items = await readItems(tx, found.revision);
  const { revision, hash, databaseId } = found;
  return { kind: "repeated", revision, chainHash: hash, databaseId, items };
}

async function commitChange(
  tx: Tx,
  state: StoredState,
  meta: ChangeMeta,
  source: string | undefined,
  changes: readonly EntityChange[],
): Promise<WriteResult> {
  const revision = state.revision + 1n;
  const at = await nextTime(tx);
  // As the database will give it back: it knows no unpaired surrogates.
  const reason = meta.reason.toWellFormed();
  const entry = { revision, at, source, ...meta, reason };
  const hash = chainHash(state.chainHash, entry, changes);
  await appendChange(tx, { ...entry, prevHash: state.chainHash, hash }, changes);
  await writeEntities(tx, { revision, source, changes });
  await tx
    .updateTable("database")
    .set({ revision, chain_hash: hash, updated_at: at })
    .executeTakeFirstOrThrow();
  await sql`select pg_notify('fleetgate_revision', ${revision.toString()}::text)`.execute(tx);
  return {
    kind: "committed",
    revision,
    chainHash: hash,
    databaseId: state.databaseId,
    items: changes,
  };
}

/** The time of the change: the clock of the database in milliseconds, but never before the last change. */
async function nextTime(tx: Tx): Promise<Date> {
  const { at } = await tx
    .selectFrom("database")
    .select(sql<Date>`greatest(updated_at, date_trunc('milliseconds', clock_timestamp()))`.as("at"))
    .executeTakeFirstOrThrow();
  return at;
}
