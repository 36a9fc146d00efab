import { matchesGlob, type Glob } from "../../domain/glob.ts";
import type { Identity } from "../../domain/identity.ts";
import { createBoundedMemo } from "../bounded-memo.ts";
import type { FoundMembership } from "./find-membership.ts";
import type { IdSet } from "./id-set.ts";
import { isInSet, type Membership } from "./membership.ts";

/** A change that may concern identities which it does not name. */
export interface WideChange {
  /** The globs that groups came to hold, or ceased to hold. */
  readonly globs: readonly Glob[];
  /** The groups above which there are other groups than before; undefined: none. */
  readonly groups: IdSet | undefined;
}

/**
 * The memberships that were asked for, as they are in the newest version of a line. It goes from version to version: a
 * change takes out whom it names, and wide changes are noted, and held against an identity when that is asked for again.
 */
export interface MembershipMemo {
  /** That of an identity of the base, by its number; undefined: it is to be found anew. */
  readonly ofKnown: (id: number, identity: Identity) => Membership | undefined;
  readonly keepKnown: (id: number, found: FoundMembership) => void;
  /** That of any other text: of identities that no group listed when the base was made, and of texts that are not folded. */
  readonly ofOther: (identity: Identity) => Membership | undefined;
  readonly keepOther: (identity: Identity, found: FoundMembership) => void;
  /** Forgets an identity, which is folded, in all its texts. `id` is its number in the base. */
  readonly forget: (folded: Identity, id: number | undefined) => void;
  readonly note: (change: WideChange) => void;
  /** Goes on with a base of other numbers: that of each old one, or `noNumber`. */
  readonly renumber: (numbers: Uint32Array) => void;
}

/** Stands for the number of an identity that has none any more. */
export const noNumber = 0xffffffff;

/** How much is kept at most. */
export interface MemoLimits {
  /** Ids of groups of identities of the base, 4 bytes each: when there are more, all are forgotten. */
  readonly maxKnownIds: number;
  /** Other texts: whoever asks may make up as many as it likes. */
  readonly maxOthers: number;
  /** Ids of groups of these. */
  readonly maxOtherIds: number;
  /** Wide changes that are noted: who was not asked for during more of them is found anew. */
  readonly maxNotes: number;
}

/** The limits unless others are given. */
export const memoLimits: MemoLimits = {
  maxKnownIds: 1 << 24,
  maxOthers: 1 << 17,
  maxOtherIds: 1 << 22,
  maxNotes: 32,
};

/** Creates an empty memo. */
export function createMembershipMemo(limits: MemoLimits = memoLimits): MembershipMemo {
  // By number. Never an array with holes: those are looked up in prototypes too.
  let known: (FoundMembership | undefined)[] = [];
  let weight = 0;
  const notes: WideChange[] = [];
  let noted = 0;
  const createOthers = (maxEntries: number) =>
    createBoundedMemo<Identity, FoundMembership>({
      maxEntries,
      maxWeight: limits.maxOtherIds,
      weigh: (found) => found.weight,
    });
  const strangers = createOthers(limits.maxOthers);
  const variants = createOthers(limits.maxOthers >>> 2);

  /** What is kept, if the changes since do not concern the identity. */
  function held(kept: FoundMembership, identity: Identity): Membership | undefined {
    const missed = noted - kept.at;
    if (missed > notes.length) return undefined;
    for (let index = notes.length - missed; index < notes.length; index += 1) {
      const note = notes[index];
      if (note === undefined || concerns(note, identity, kept)) return undefined;
    }
    kept.at = noted;
    return kept;
  }

  return {
    ofKnown(id, identity) {
      const kept = id < known.length ? known[id] : undefined;
      return kept === undefined || kept.at === noted ? kept : held(kept, identity);
    },
    keepKnown(id, found) {
      // It counts what was found, not what is held: so what was forgotten, which may stay in pages, is bounded too.
      weight += found.weight;
      if (weight > limits.maxKnownIds) {
        known = [];
        ({ weight } = found);
      }
      while (known.length <= id) known.push(undefined);
      found.at = noted;
      known[id] = found;
    },
    ofOther(identity) {
      const kept = strangers.get(identity) ?? variants.get(identity);
      return kept === undefined || kept.at === noted ? kept : held(kept, identity);
    },
    keepOther(identity, found) {
      found.at = noted;
      (identity === found.folded ? strangers : variants).set(identity, found);
    },
    forget(folded, id) {
      if (id !== undefined && id < known.length) known[id] = undefined;
      strangers.delete(folded);
      // Nobody knows in which texts it was asked for.
      variants.clear();
    },
    note(change) {
      notes.push(change);
      noted += 1;
      if (notes.length > limits.maxNotes) notes.shift();
    },
    renumber(numbers) {
      const before = known;
      known = [];
      for (let id = 0; id < before.length; id += 1) {
        const to = numbers[id] ?? noNumber;
        if (to === noNumber || before[id] === undefined) continue;
        while (known.length <= to) known.push(undefined);
        known[to] = before[id];
      }
    },
  };
}

function concerns(
  { globs, groups }: WideChange,
  identity: Identity,
  membership: Membership,
): boolean {
  if (groups !== undefined && isInSet(membership, groups)) return true;
  return globs.some((glob) => matchesGlob(glob, identity));
}
