import type { Identity } from "../../domain/identity.ts";

/**
 * Numbers for folded identities, from 0 on, in the order in which they came. They are only ever added, so whoever notes
 * how many there were sees for ever what was there then: bases of one line of graphs share them. Not for identities
 * that come from questions, or that may never come true.
 */
export interface IdentityIds {
  /** By identity. It may have got numbers since that a base knows nothing of: those from its count on. */
  readonly numbers: ReadonlyMap<Identity, number>;
  /** By number. */
  readonly texts: readonly Identity[];
  /** The number of an identity, which is given one if it has none. */
  readonly intern: (folded: Identity) => number;
}

/** Creates an empty register. */
export function createIdentityIds(): IdentityIds {
  const numbers = new Map<Identity, number>();
  const texts: Identity[] = [];
  return {
    numbers,
    texts,
    intern(folded) {
      const known = numbers.get(folded);
      if (known !== undefined) return known;
      const id = texts.length;
      numbers.set(folded, id);
      texts.push(folded);
      return id;
    },
  };
}
