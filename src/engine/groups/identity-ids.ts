import type { Identity } from "../../domain/identity.ts";
import { createTextSlots } from "../text-slots.ts";

/**
 * Numbers for folded identities, from 0 on, in the order in which they came. They are only ever added, so whoever notes
 * how many there were sees for ever what was there then: bases of one line of graphs share them. Not for identities
 * that come from questions, or that may never come true.
 */
export interface IdentityIds {
  /**
   * The number of an identity; undefined if it has none. It may have got one since that a base knows nothing of: those
   * from its count on.
   */
  readonly find: (folded: string) => number | undefined;
  /** By number. */
  readonly texts: readonly Identity[];
  /** The number of an identity, which is given one if it has none. */
  readonly intern: (folded: Identity) => number;
}

/** Creates an empty register. */
export function createIdentityIds(): IdentityIds {
  const texts: Identity[] = [];
  const slots = createTextSlots((number, text) => texts[number] === text);
  return {
    find(folded) {
      const number = slots.find(folded);
      return number < 0 ? undefined : number;
    },
    texts,
    intern(folded) {
      const known = slots.find(folded);
      if (known >= 0) return known;
      slots.add(folded);
      return texts.push(folded) - 1;
    },
  };
}
