import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../group-entry.ts";
import type { GroupWalk } from "./group-walk.ts";
import type { Both, Side } from "./sides.ts";
import type { IdentitiesMatching } from "./universe.ts";

/** Who is in groups in a state, through nesting too. */
export interface Members {
  /** Those of all identities who are in a group; folded. */
  inGroup(side: Side, group: number): Steps<MembersOfGroup>;
  /** The identities in several groups. One may come several times; each group and glob below them is walked once. */
  inGroups(side: Side, groups: Iterable<number>): Steps<Iterable<Identity>>;
  /** The globs in a group. */
  globs(side: Side, group: number): ReadonlySet<string>;
}

/** The identities in a group. Those in both parts are in it twice. */
export interface MembersOfGroup {
  /** Whom a glob matches. Groups with the same globs have the same set: many hold such as match everybody. */
  readonly matched: ReadonlySet<Identity>;
  /** Who is listed; somebody may come several times. */
  readonly listed: Iterable<Identity>;
}

/** Creates it. A question costs those who are listed, and the first one with certain globs those whom they match. */
export function createMembers(
  walks: Both<GroupWalk>,
  identitiesMatching: IdentitiesMatching,
): Members {
  const matchedBy = new Map<string, ReadonlySet<Identity>>();
  const matchedIn: Both<Map<number, ReadonlySet<Identity>>> = [new Map(), new Map()];

  function* matched(globs: ReadonlySet<string>): Steps<ReadonlySet<Identity>> {
    const key = JSON.stringify([...globs].sort());
    const before = matchedBy.get(key);
    if (before !== undefined) return before;
    const identities = new Set<Identity>();
    for (const glob of globs) {
      yield* forEachInSteps(yield* identitiesMatching(glob), (it) => identities.add(it));
    }
    matchedBy.set(key, identities);
    return identities;
  }

  return {
    *inGroup(side, group) {
      const below = walks[side].below(group);
      let known = matchedIn[side].get(group);
      if (known === undefined) {
        known = yield* matched(globsOf(below));
        matchedIn[side].set(group, known);
      }
      return { matched: known, listed: listedIn(below) };
    },
    *inGroups(side, groups) {
      const below = new Set<GroupEntry>();
      for (const group of groups) for (const entry of walks[side].below(group)) below.add(entry);
      const matchedBelow: (readonly Identity[])[] = [];
      for (const glob of globsOf(below)) matchedBelow.push(yield* identitiesMatching(glob));
      return allOf([listedIn(below), ...matchedBelow]);
    },
    globs: (side, group) => globsOf(walks[side].below(group)),
  };
}

function* allOf(lists: readonly Iterable<Identity>[]): Iterable<Identity> {
  for (const list of lists) yield* list;
}

function* listedIn(groups: Iterable<GroupEntry>): Generator<Identity> {
  for (const { members } of groups) yield* members.keys();
}

function globsOf(groups: Iterable<GroupEntry>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { globs } of groups) for (const glob of globs) found.add(glob);
  return found;
}
