import { DomainError } from "../../../src/domain/errors.ts";
import type { Replica } from "../../../src/replica/replica.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";

/** A replica whose state and storage the test sets. */
export interface FakeReplica extends Replica {
  state: ReplicaState | undefined;
  /** What latestRevision answers; undefined: storage does not answer. */
  latest: bigint | undefined;
  /** What becomes the state as soon as somebody waits. */
  next: ReplicaState | undefined;
}

/** Creates a replica in a state. */
export function createFakeReplica(state: ReplicaState | undefined): FakeReplica {
  return {
    state,
    latest: state?.revision,
    next: undefined,
    current() {
      return this.state;
    },
    ageMs: () => 0,
    refresh: () => Promise.resolve(),
    latestRevision() {
      return this.latest === undefined
        ? Promise.reject(new DomainError("STORAGE_UNAVAILABLE", "no storage at secret-host:5432"))
        : Promise.resolve(this.latest);
    },
    waitFor(revision) {
      if (this.next !== undefined) this.state = this.next;
      const reached = this.state !== undefined && this.state.revision >= revision;
      return Promise.resolve(reached ? this.state : undefined);
    },
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
