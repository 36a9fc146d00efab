import { maxClosureIds } from "./closures.ts";
import { memoLimits, type MemoLimits } from "./membership-memo.ts";

/** How much a lineage of graphs remembers, and when it wants to be compacted. */
export interface GraphLimits extends MemoLimits {
  /** So many memberships that changed since the last base make a compaction due. */
  readonly compactAfter: number;
  /** Of a version that is not the newest of its line: how many memberships it remembers at most, */
  readonly maxAside: number;
  /** and ids of groups of these. */
  readonly maxAsideIds: number;
  /** Ids of what is above groups. */
  readonly maxClosureIds: number;
  /** Sets of groups that many identities share since the same globs match them: a bit for each group. */
  readonly maxMatchedSets: number;
}

/**
 * The limits unless others are given. A compaction of a million memberships costs some tens of milliseconds, in steps, so
 * a change has a few microseconds of it; what changed since costs a look-up and some 200 bytes each.
 */
export const graphLimits: GraphLimits = {
  ...memoLimits,
  compactAfter: 8192,
  maxAside: 1 << 15,
  maxAsideIds: 1 << 21,
  maxClosureIds,
  maxMatchedSets: 512,
};
