import type { Replica } from "../../../src/replica/replica.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";

/** A replica whose state and storage the test sets. */
export interface FakeReplica extends Replica {
  state: ReplicaState | undefined;
  /** How many milliseconds ago storage confirmed it. */
  age: number;
  /** Why a refresh fails; undefined: it does not. */
  failure: Error | undefined;
  /** What becomes the state as soon as somebody waits or refreshes. */
  next: ReplicaState | undefined;
}

/** Creates a replica in a state. */
export function createFakeReplica(first: ReplicaState | undefined): FakeReplica {
  const listeners = new Set<() => void>();
  let state = first;
  return {
    get state() {
      return state;
    },
    set state(next) {
      state = next;
      for (const listener of listeners) listener();
    },
    age: 0,
    failure: undefined,
    next: undefined,
    current() {
      return this.state;
    },
    ageMs() {
      return this.age;
    },
    refresh() {
      if (this.failure !== undefined) return Promise.reject(this.failure);
      if (this.next !== undefined) this.state = this.next;
      return Promise.resolve();
    },
    nudge: () => undefined,
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
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
