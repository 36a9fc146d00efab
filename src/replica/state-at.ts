import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers/promises";
import { DomainError } from "../domain/errors.ts";
import type { Db, Storage } from "../storage/database.ts";
import { translateStorageError } from "../storage/errors.ts";
import { oldestRebuildable } from "../storage/history/oldest-rebuildable.ts";
import {
  readGroupRevisions,
  readLastApply,
  scanUndone,
  type UndoneItem,
} from "../storage/read-undone.ts";
import { readChangeHashIn, readPosition } from "../storage/revision-point.ts";
import { inReadTransaction } from "../storage/transaction.ts";
import { completeSettings } from "./complete-settings.ts";
import { ForeignHistoryError, isSameHash } from "./history.ts";
import { runInTurns } from "./in-turns.ts";
import type { Replica } from "./replica.ts";
import { shareRebuild, type Rebuild } from "./rebuilds.ts";
import { rewindState } from "./rewind-state.ts";
import type { ReplicaState } from "./state.ts";

/** What an earlier state is found by. */
export interface StateAtDeps {
  readonly storage: Storage;
  readonly replica: Pick<Replica, "current" | "refresh">;
  /** Aborts when nobody waits for the state any more. */
  readonly signal?: AbortSignal;
}

/**
 * The state as it was at exactly one revision: the current one undone by the items of all later changes, in
 * batches between which others have their turn. One is rebuilt at a time; whoever asks for the same one meanwhile or
 * soon after shares it, and it is dropped when all of these have gone away. Only the current revision needs no storage. Fails with REVISION_NOT_RETAINED when there is no
 * such revision or its state cannot be rebuilt any more, with LIMIT_EXCEEDED (`rebuilds`), with STORAGE_UNAVAILABLE, and
 * with ForeignHistoryError when the database does not continue the history of the replica.
 */
export async function stateAt(deps: StateAtDeps, revision: bigint): Promise<ReplicaState> {
  let current = currentState(deps);
  if (revision > current.revision) {
    await deps.replica.refresh();
    current = currentState(deps);
  }
  if (revision === current.revision) return current;
  const { storage } = deps;
  const { hash } = await quickly(storage, (db) => locate(db, current, revision));
  const key = `${revision} ${Buffer.from(hash).toString("hex")}`;
  const begin: Rebuild = (signal) => rebuild(storage, currentState(deps), revision, signal);
  return shareRebuild(storage, key, begin, deps.signal);
}

function currentState({ replica }: StateAtDeps): ReplicaState {
  const state = replica.current();
  if (state === undefined) throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot");
  return state;
}

async function quickly<T>(storage: Storage, use: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await storage.quick(use);
  } catch (error) {
    if (error instanceof ForeignHistoryError) throw error;
    throw translateStorageError(error);
  }
}

const noHash = new Uint8Array(32);

/** Finds the change that made a revision of the history that a state is in. */
async function locate(
  db: Db,
  current: ReplicaState,
  revision: bigint,
): Promise<{ readonly hash: Uint8Array }> {
  const mine = current.revision === 0n ? noHash : await readChangeHashIn(db, current.revision);
  const point = await readPosition(db);
  const isMine = mine !== undefined && isSameHash(mine, current.chainHash);
  if (point.databaseId !== current.databaseId || !isMine) {
    throw new ForeignHistoryError(point, current);
  }
  const oldest = await oldestRebuildable(db);
  const hash = revision === 0n ? noHash : await readChangeHashIn(db, revision);
  if (revision > current.revision) throw notRetained(revision, oldest, "does not exist yet");
  const exists = hash !== undefined && revision < current.revision;
  if (!exists || revision < oldest) throw notRetained(revision, oldest, "cannot be had");
  return { hash };
}

function notRetained(revision: bigint, oldest: bigint, what: string): DomainError {
  return new DomainError(
    "REVISION_NOT_RETAINED",
    `the state of revision ${revision} ${what}; the oldest that can be had is that of revision ${oldest}`,
    { revision: revision.toString(), oldest: oldest.toString() },
  );
}

async function rebuild(
  storage: Storage,
  current: ReplicaState,
  revision: bigint,
  signal: AbortSignal,
): Promise<ReplicaState> {
  // The replica has moved there while this waited for its turn.
  if (current.revision === revision) return current;
  return inReadTransaction(storage, async (tx) => {
    const { hash: chainHash } = await locate(tx, current, revision);
    const range = { after: revision, upTo: current.revision };
    const rewind = rewindState(current, await readGroupRevisions(tx, range));
    await scanUndone(tx, range, async (items) => {
      signal.throwIfAborted();
      rewind.undo(await complete(tx, items));
      await setImmediate();
    });
    const applies = new Map<string, bigint | undefined>();
    for (const [source, last] of current.sources) {
      if (last.revision > revision) applies.set(source, await readLastApply(tx, source, revision));
    }
    const lastApply = (source: string): bigint | undefined => applies.get(source);
    return runInTurns(rewind.finish({ revision, chainHash, lastApply }));
  });
}

async function complete(tx: Db, items: readonly UndoneItem[]): Promise<readonly UndoneItem[]> {
  const completed: UndoneItem[] = [];
  for (const item of items) {
    // An await for every item would cost more than undoing it.
    if (item.change.kind !== "settings") completed.push(item);
    else {
      const change = await completeSettings(tx, item.revision, item.change);
      completed.push({ ...item, change });
    }
  }
  return completed;
}
