import { ForeignHistoryError, type Replica } from "../replica/replica.ts";
import type { ReplicaState } from "../replica/state.ts";
import { formatRevisionToken } from "../replica/revision-token.ts";
import type { Storage } from "../storage/database.ts";
import type { WriteResult } from "../storage/write-change.ts";
import { DomainError } from "../domain/errors.ts";

/** What a command that only writes works with; time and randomness come in here so that tests decide them. */
export interface WriteDeps {
  readonly storage: Storage;
  readonly clock: () => Date;
  /** Cryptographically strong random bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** What the commands of a running server work with. */
export interface CommandDeps extends WriteDeps {
  readonly replica: Replica;
  /**
   * Judges anew whether the author may do this at all, on the state that a change is planned on: it may be newer than
   * the one on which the call was admitted. Throws when not. Absent: whoever calls the command may.
   */
  readonly admit?: (state: ReplicaState) => void;
  /**
   * Aborts when nobody waits for the answer any more: what has not begun to write then never does, and what only reads
   * may be dropped. Absent: somebody always waits.
   */
  readonly signal?: AbortSignal;
}

/** The state to read from; STORAGE_UNAVAILABLE when there is none that may be used. */
export function usableState(deps: CommandDeps): ReplicaState {
  const state = deps.replica.current();
  if (state === undefined) {
    throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot is loaded; retry");
  }
  return state;
}

/**
 * The newest state that storage holds. Fails with STORAGE_UNAVAILABLE, and with HISTORY_NOT_ACCEPTED when the database
 * does not continue the history of this process.
 */
export async function freshState(deps: CommandDeps): Promise<ReplicaState> {
  try {
    await deps.replica.refresh();
  } catch (cause) {
    if (!(cause instanceof ForeignHistoryError)) throw cause;
    throw new DomainError("HISTORY_NOT_ACCEPTED", cause.message, {}, { cause });
  }
  return usableState(deps);
}

/**
 * Makes a committed change live in this process before its author gets the answer. When storage fails in
 * between, the change stands all the same and the replica finds it by itself.
 */
export async function makeLive(deps: CommandDeps): Promise<void> {
  await deps.replica.refresh().catch(() => undefined);
}

/** The revision token of what a write came to. */
export function tokenOf(result: WriteResult): string {
  return formatRevisionToken(result);
}
