import { hasId } from "./groups/id-set.ts";
import { isInAnyGroup, type Membership } from "./groups/membership.ts";

/**
 * Finds out whether identities are in groups, for checks: most often one identity is held against several lists of groups in
 * turn. It works in memory of its own, which grows with the ids.
 */
export interface Marks {
  /**
   * Whether the identity is in at least one of the groups, which are a part of a list, ascending. The more often in
   * a row it is asked of the same membership, the less it costs.
   */
  readonly isInAny: (
    membership: Membership,
    list: Uint32Array,
    start: number,
    end: number,
  ) => boolean;
}

/** Creates marks of nothing. */
export function createMarks(): Marks {
  // An id is in the marked membership when its mark is the number of the run; so nothing needs clearing.
  let marks = new Uint32Array(0);
  let run = 0;
  let marked: Membership | undefined;

  function mark(membership: Membership): void {
    const { ids, from, to } = membership;
    const highest = to > from ? (ids[to - 1] ?? 0) : 0;
    if (highest >= marks.length || run === maxRun) {
      marks = new Uint32Array(Math.max(marks.length, Math.ceil((highest + 1) * 1.5)));
      run = 0;
    }
    run += 1;
    for (let at = from; at < to; at += 1) marks[ids[at] ?? 0] = run;
    marked = membership;
  }

  return {
    isInAny(membership, list, start, end) {
      const { matched } = membership;
      if (membership !== marked) {
        const count = end - start;
        const listed = membership.to - membership.from;
        // Measured: a step of a search costs what two marks do, as nobody can foresee where it goes.
        const steps = Math.min(count, listed) * (32 - Math.clz32(Math.max(count, listed)));
        if (2 * steps < listed + count) return isInAnyGroup(membership, list, start, end);
        mark(membership);
      }
      const mine = run;
      const all = marks;
      for (let at = start; at < end; at += 1) {
        const id = list[at] ?? 0;
        if (all[id] === mine || (matched !== undefined && hasId(matched, id))) return true;
      }
      return false;
    },
  };
}

const maxRun = 0xffff_ffff;
