import type { Identity } from "../../domain/identity.ts";

/** Memberships on their way into a base, in the order in which they come. */
export interface ListedPairs {
  /** From now on members are of this group; a group may come several times. */
  readonly begin: (group: number) => void;
  /** Adds a member, by its number. One that comes twice counts once. */
  readonly add: (identity: number) => void;
  /** Adds many members. */
  readonly addAll: (identities: Uint32Array) => void;
  /** Says how a member that is added too is typed, if not as folded. Of several texts in one group the first bytewise stays. */
  readonly type: (identity: number, typed: Identity) => void;
  /** How many there are. */
  readonly count: () => number;
  /** The numbers of the identities. */
  readonly identities: () => Uint32Array;
  /** Which parts of them are of which group, by group. */
  readonly runs: () => readonly Run[];
  readonly odd: () => readonly OddMember[];
}

/** Some of the pairs one after the other, which are of one group. */
export interface Run {
  readonly group: number;
  readonly from: number;
  to: number;
}

/** A member that is typed otherwise than folded. */
export interface OddMember {
  readonly group: number;
  readonly identity: number;
  readonly typed: Identity;
}

/** Creates an empty list. */
export function createListedPairs(): ListedPairs {
  let identities = new Uint32Array(1024);
  let count = 0;
  const runs: Run[] = [];
  const odd: OddMember[] = [];
  let last: Run | undefined;

  function begin(group: number): void {
    if (last?.group === group) return;
    end();
    last = { group, from: count, to: count };
  }

  function end(): void {
    if (last === undefined || last.from === count) return;
    last.to = count;
    runs.push(last);
  }

  function reserve(more: number): void {
    if (count + more <= identities.length) return;
    const longer = new Uint32Array(Math.max(count + more, identities.length * 2));
    longer.set(identities);
    identities = longer;
  }

  return {
    begin,
    add(identity) {
      if (count === identities.length) reserve(1);
      identities[count] = identity;
      count += 1;
    },
    addAll(some) {
      reserve(some.length);
      identities.set(some, count);
      count += some.length;
    },
    type(identity, typed) {
      if (last !== undefined) odd.push({ group: last.group, identity, typed });
    },
    count: () => count,
    identities: () => identities,
    runs() {
      end();
      last = undefined;
      return runs.sort((left, right) => left.group - right.group);
    },
    odd: () => odd,
  };
}
