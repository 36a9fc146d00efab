import { readAcceptedRestores } from "../storage/accepted-restores.ts";
import type { Db, Storage } from "../storage/database.ts";
import { readChangesAfter, type StoredChange } from "../storage/read-changes.ts";
import { readChangeHashIn, type RevisionPoint } from "../storage/revision-point.ts";
import { inReadTransaction, inShortReadTransaction } from "../storage/transaction.ts";
import { advanceInSlices } from "./change-in-slices.ts";
import { ForeignHistoryError, isSameHash, leadsOn } from "./history.ts";
import { runInTurns } from "./in-turns.ts";
import { loadIn, type LoadEvents } from "./load.ts";
import { maxItems as mostItems } from "./state-in.ts";
import type { ReplicaState } from "./state.ts";

/** Who is told of what following came upon. */
export interface FollowEvents extends LoadEvents {
  /** The changes do not fit the state: a fault, of this process or of the database. Everything is loaded anew. */
  readonly onMisfit?: ((cause: unknown) => void) | undefined;
  /** An operator accepted that the database was restored or forked: its history is followed from now on. */
  readonly onAcceptedRestore?: ((found: RevisionPoint, mine: RevisionPoint) => void) | undefined;
}

type Found =
  | { readonly kind: "changes"; readonly changes: readonly StoredChange[] }
  /** The changes are too many or kept no more, or lead into a history that was accepted. */
  | { readonly kind: "load"; readonly accepted: boolean }
  | { readonly kind: "foreign"; readonly point: RevisionPoint };

/** Loads a whole state. */
export async function load(storage: Storage, events: FollowEvents): Promise<ReplicaState> {
  return inReadTransaction(storage, (tx) => loadIn(tx, events));
}

/**
 * The state that the database holds, from the one before it: by the changes since, or loaded when these have more than
 * `maxItems` items, are kept no more, or lead into a history that an operator accepted. Throws ForeignHistoryError when the
 * database does not continue the history of the state.
 */
export async function follow(
  storage: Storage,
  state: ReplicaState,
  events: FollowEvents,
  maxItems: number = mostItems,
): Promise<ReplicaState> {
  const found = await inShortReadTransaction(storage, (tx) =>
    findNext(tx, state, events, maxItems),
  );
  switch (found.kind) {
    case "foreign":
      throw new ForeignHistoryError(found.point, state);
    case "load":
      return found.accepted ? load(storage, events) : loadNext(storage, state, events);
    default:
      return advanceOrLoad(storage, state, found.changes, events);
  }
}

async function findNext(
  tx: Db,
  state: ReplicaState,
  events: FollowEvents,
  maxItems: number,
): Promise<Found> {
  const { point, changes } = await readChangesAfter(tx, state.revision, maxItems);
  if (changes !== undefined && leadsOn(state, { point, changes })) {
    return { kind: "changes", changes };
  }
  if (changes === undefined && (await isContinued(tx, point, state))) {
    return { kind: "load", accepted: false };
  }
  const restores = [...(await readAcceptedRestores(tx))];
  if (restores.every((id) => state.acceptedRestores.has(id))) return { kind: "foreign", point };
  events.onAcceptedRestore?.(point, state);
  return { kind: "load", accepted: true };
}

async function advanceOrLoad(
  storage: Storage,
  state: ReplicaState,
  changes: readonly StoredChange[],
  events: FollowEvents,
): Promise<ReplicaState> {
  try {
    return await runInTurns(advanceInSlices(state, changes));
  } catch (cause) {
    events.onMisfit?.(cause);
    return loadNext(storage, state, events);
  }
}

/** Loads a whole state, unless it is of another history by now. */
async function loadNext(
  storage: Storage,
  state: ReplicaState,
  events: FollowEvents,
): Promise<ReplicaState> {
  const { next, continued } = await inReadTransaction(storage, async (tx) => {
    const loaded = await loadIn(tx, events);
    return { next: loaded, continued: await isContinued(tx, loaded, state) };
  });
  if (!continued) throw new ForeignHistoryError(next, state);
  return next;
}

/** Whether the change that made our revision is part of the history that the database tells. */
async function isContinued(tx: Db, point: RevisionPoint, mine: RevisionPoint): Promise<boolean> {
  if (point.databaseId !== mine.databaseId || point.revision < mine.revision) return false;
  if (mine.revision === 0n) return true;
  const hash = await readChangeHashIn(tx, mine.revision);
  return hash !== undefined && isSameHash(hash, mine.chainHash);
}
