import { DomainError, invalidField } from "../domain/errors.ts";
import { ForeignHistoryError } from "../replica/replica.ts";
import { stateAt } from "../replica/state-at.ts";
import type { ReplicaState } from "../replica/state.ts";
import { usableState, type CommandDeps } from "./deps.ts";

/** A state to read from. */
export interface RequestedState {
  readonly state: ReplicaState;
  /** Whether the request left the revision open. */
  readonly isCurrent: boolean;
}

/**
 * The state that a request means by its `at_revision`; 0n: the current one. Fails with INVALID_FIELD,
 * REVISION_NOT_RETAINED, STORAGE_UNAVAILABLE, and HISTORY_NOT_ACCEPTED when the database does not continue the history
 * of this process.
 */
export async function requestedState(deps: CommandDeps, atRevision = 0n): Promise<RequestedState> {
  if (atRevision < 0n) throw invalidField("at_revision", "must not be negative");
  if (atRevision === 0n) return { state: usableState(deps), isCurrent: true };
  try {
    return { state: await stateAt(deps, atRevision), isCurrent: false };
  } catch (cause) {
    if (!(cause instanceof ForeignHistoryError)) throw cause;
    throw new DomainError("HISTORY_NOT_ACCEPTED", cause.message, {}, { cause });
  }
}
