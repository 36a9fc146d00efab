import { DomainError } from "../domain/errors.ts";
import { readChangesAfter } from "../storage/read-changes.ts";
import { readChangeHashIn } from "../storage/revision-point.ts";
import type { Db } from "../storage/database.ts";
import { branchInSlices } from "./change-in-slices.ts";
import { ForeignHistoryError, isSameHash, leadsOn } from "./history.ts";
import { runInTurns } from "./in-turns.ts";
import { loadIn } from "./load.ts";
import type { ReplicaState } from "./state.ts";

/** The most items of changes that a state takes before it is cheaper to load everything. */
export const maxItems = 50_000;

/**
 * The state that a transaction sees, from the one that a replica has: what a writer plans on, while it holds the
 * revision row and nobody can change anything. The state of the replica stays as it is. Throws
 * HISTORY_NOT_ACCEPTED when the database does not continue the history of the replica.
 */
export async function stateIn(db: Db, state: ReplicaState): Promise<ReplicaState> {
  const { point, changes } = await readChangesAfter(db, state.revision, maxItems);
  const refused = (): DomainError => {
    const cause = new ForeignHistoryError(point, state);
    return new DomainError("HISTORY_NOT_ACCEPTED", cause.message, {}, { cause });
  };
  if (changes !== undefined) {
    if (!leadsOn(state, { point, changes })) throw refused();
    return runInTurns(branchInSlices(state, changes));
  }
  const hash = await readChangeHashIn(db, state.revision);
  const isMine = state.revision === 0n || (hash !== undefined && isSameHash(hash, state.chainHash));
  if (point.databaseId !== state.databaseId || !isMine) throw refused();
  return loadIn(db);
}
