import type { Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../group-entry.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Both, Side } from "./sides.ts";

/** Who is in groups in a state, through nesting too. */
export interface Members {
  /**
   * The identities in a group: those of all that are listed in it or matched by a glob, folded. One may come
   * several times.
   */
  identities(side: Side, group: number): Iterable<Identity>;
  /** The same of several groups; each group below them is walked once. */
  ofAll(side: Side, groups: Iterable<number>): Iterable<Identity>;
  /** The globs in a group. One may come several times. */
  globs(side: Side, group: number): Iterable<string>;
}

/** Creates it. A question costs those who are in the groups. */
export function createMembers(
  walks: Both<GroupWalk>,
  identitiesMatching: (glob: string) => Iterable<Identity>,
): Members {
  function* membersOf(groups: Iterable<GroupEntry>): Generator<Identity> {
    for (const { members, globs } of groups) {
      yield* members.keys();
      for (const glob of globs) yield* identitiesMatching(glob);
    }
  }

  return {
    identities: (side, group) => membersOf(walks[side].below(group)),
    *ofAll(side, groups) {
      const below = new Set<GroupEntry>();
      for (const group of groups) for (const entry of walks[side].below(group)) below.add(entry);
      yield* membersOf(below);
    },
    *globs(side, group) {
      for (const { globs } of walks[side].below(group)) yield* globs;
    },
  };
}
