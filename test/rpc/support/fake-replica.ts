import type { Replica } from "../../../src/replica/replica.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";

/** A replica whose state and storage the test sets. */
export interface FakeReplica extends Replica {
  state: ReplicaState | undefined;
  /** Why a refresh fails; undefined: it does not. */
  failure: Error | undefined;
  /** What becomes the state as soon as somebody waits or refreshes. */
  next: ReplicaState | undefined;
}

/** Creates a replica in a state. */
export function createFakeReplica(state: ReplicaState | undefined): FakeReplica {
  return {
    state,
    failure: undefined,
    next: undefined,
    current() {
      return this.state;
    },
    ageMs: () => 0,
    refresh() {
      if (this.failure !== undefined) return Promise.reject(this.failure);
      if (this.next !== undefined) this.state = this.next;
      return Promise.resolve();
    },
    nudge: () => undefined,
    waitFor(revision) {
      if (this.next !== undefined) this.state = this.next;
      const reached = this.state !== undefined && this.state.revision >= revision;
      return Promise.resolve(reached ? this.state : undefined);
    },
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
