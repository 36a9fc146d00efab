import type { EntityChange } from "../domain/entity.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import type { Steps } from "../domain/steps.ts";
import { createBoundedMemo, type BoundedMemo } from "./bounded-memo.ts";
import { changeGroups } from "./change-groups.ts";
import { groupsWithGlob, matchGlobs } from "./glob-index.ts";
import type { GroupChange, GroupEntry } from "./group-entry.ts";
import { listedIdentities, listingOf, listListing, type GroupParts } from "./group-parts.ts";
import { compactParts, rebaseParts, type CompactedParts } from "./groups/compact.ts";
import {
  createFindMembership,
  type FindMembership,
  type FoundMembership,
} from "./groups/find-membership.ts";
import type { GraphLimits } from "./groups/graph-limits.ts";
import { findIdentity } from "./groups/member-base.ts";
import { createMembershipMemo, type MembershipMemo } from "./groups/membership-memo.ts";
import type { Membership } from "./groups/membership.ts";
import { noIds, type IdList } from "./id-list.ts";
import { listAt } from "./paged-lists.ts";
import type { Warn } from "./warnings.ts";

export type { GroupChange, GroupEntry, GroupHead } from "./group-entry.ts";
export type { Membership } from "./groups/membership.ts";

/**
 * All groups at one revision, as integer ids. A version never changes; those that are made of one another are a
 * lineage, in which a name has one id for ever, whether or not there is such a group. The order of ids
 * means nothing. Checks ask for memberships. The rest is what memberships are found by, for those who say
 * why; it is read where it stands, and nothing is memoised for it.
 */
export interface GroupGraph {
  readonly groupCount: number;
  /** A group, or undefined when there is no such group. */
  entry(name: string): GroupEntry | undefined;
  /** All groups, in no order. */
  entries(): Iterable<GroupEntry>;
  /** The id of a group, or undefined when there is no such group. */
  findGroup(name: string): number | undefined;
  /**
   * The id of a name, for what is kept longer than a version: a binding names groups that may come later. A
   * name that is new is remembered for ever, so this is not for names that come from questions.
   */
  internGroup(name: string): number;
  /** The name of an id. */
  nameOf(id: number): string;
  /** The groups of an identity. */
  membershipOf(identity: Identity): Membership;
  /** Every identity that a group lists, folded, each once and in no order. */
  identities(): Iterable<Identity>;
  /** The groups that list an identity, however it is typed; each once. */
  listing(identity: Identity): IdList;
  /** The groups of which a glob matches an identity; a group may come several times. */
  matching(identity: Identity): IdList;
  /** The groups that hold a glob of this very text; each once. */
  holding(glob: string): IdList;
  /** The groups that nest a group, given by its id; each once. */
  parentsOf(group: number): IdList;
  /**
   * The version after some changes, oldest first. Costs what the changes do: never what all groups or memberships
   * do. Of the newest version it makes the newest one, and this one is read more slowly from then on. Throws a
   * DomainError INTERNAL_FAULT, and changes nothing, when a change does not fit: then this is not what it was made for.
   */
  advance(changes: readonly GroupChange[]): GroupGraph;
  /** The same for what may never come true: this version stays as fast as it is, and nobody is warned. */
  branch(changes: readonly GroupChange[]): GroupGraph;
  /** Whether this is the newest version of its line, and so much has changed that it wants to be compacted. */
  readonly compactionDue: boolean;
  /**
   * Puts what changed in the line so far into flat arrays again. Costs what all memberships do; the line may be advanced
   * meanwhile. Nothing is any different before the newest version is rebased.
   */
  compactInSteps(): Steps<Compaction>;
  /**
   * This version, the newest of the line, on what was compacted: it says the same, and is the newest one from then on,
   * as if it had been advanced. Undefined when it was compacted from another line, or this is not the newest version.
   */
  rebase(compaction: Compaction): GroupGraph | undefined;
}

/** What was compacted, of a line. */
export interface Compaction {
  readonly line: Line | undefined;
  readonly parts: CompactedParts;
}

/** What goes from version to version, and only the newest one of a line has. */
interface Line {
  readonly memo: MembershipMemo;
}

/** What all versions of a lineage share. */
interface Lineage {
  readonly limits: GraphLimits;
  readonly find: FindMembership;
}

/** Whether a change is one of groups, and not of the policy or of API keys. */
export function isGroupChange(change: EntityChange): change is GroupChange["change"] {
  switch (change.kind) {
    case "group":
    case "group_member":
    case "group_glob":
    case "group_nested":
      return true;
    default:
      return false;
  }
}

/** The first graph of a lineage. */
export function createGraph(parts: GroupParts, limits: GraphLimits, warn: Warn): GroupGraph {
  const lineage = { limits, find: createFindMembership() };
  return graphOf(parts, lineage, warn, { memo: createMembershipMemo(limits) });
}

function graphOf(
  parts: GroupParts,
  lineage: Lineage,
  warn: Warn,
  /** Of the newest version of a line. */
  ofLine: Line | undefined,
): GroupGraph {
  const { ids, base, entries, globs, parents } = parts;
  const { limits, find } = lineage;
  let line = ofLine;
  /** Of a version that is not the newest. */
  let ownMemo: BoundedMemo<Identity, FoundMembership> | undefined;

  function membershipOf(identity: Identity): Membership {
    if (line === undefined) return membershipAside(identity);
    const { memo } = line;
    const id = findIdentity(base, identity);
    if (id === undefined) return memo.ofOther(identity) ?? otherMembership(identity, memo);
    const known = memo.ofKnown(id, identity);
    if (known !== undefined) return known;
    // Whatever has a number is folded.
    const folded = base.identities.texts[id] ?? identity;
    const found = find(parts, folded, folded, listingOf(parts, folded, id));
    memo.keepKnown(id, found);
    return found;
  }

  function otherMembership(identity: Identity, memo: MembershipMemo): Membership {
    const found = findByText(identity);
    memo.keepOther(identity, found);
    return found;
  }

  function membershipAside(identity: Identity): Membership {
    ownMemo ??= createBoundedMemo({
      maxEntries: limits.maxAside,
      maxWeight: limits.maxAsideIds,
      weigh: ({ weight }) => weight,
    });
    const known = ownMemo.get(identity);
    if (known !== undefined) return known;
    const found = findByText(identity);
    ownMemo.set(identity, found);
    return found;
  }

  function findByText(identity: Identity): FoundMembership {
    const folded = foldIdentity(identity);
    return find(parts, identity, folded, listingOf(parts, folded, findIdentity(base, folded)));
  }

  /** What the line has, which this version has no more from now on. */
  function leaveLine(): Line | undefined {
    const left = line;
    line = undefined;
    return left;
  }

  return {
    groupCount: entries.size,
    entry: (name) => entries.get(name),
    entries: () => entries.values(),
    findGroup: (name) => entries.get(name)?.id,
    internGroup: (name) => ids.intern(name),
    nameOf: (id) => ids.nameOf(id),
    membershipOf,
    identities: () => listedIdentities(parts),
    listing: (identity) => listListing(parts, identity),
    matching: (identity) => matchGlobs(globs, identity),
    holding: (glob) => groupsWithGlob(globs, glob),
    parentsOf: (group) => listAt(parents, group) ?? noIds,
    advance(changes) {
      const changed = changeGroups(parts, changes, "advance", warn);
      const next = leaveLine();
      if (next !== undefined) {
        for (const folded of changed.identities) {
          next.memo.forget(folded, findIdentity(base, folded));
        }
        if (changed.wide !== undefined) next.memo.note(changed.wide);
      }
      return graphOf(changed.parts, lineage, warn, next);
    },
    branch: (changes) =>
      graphOf(changeGroups(parts, changes, "branch", silence).parts, lineage, silence, undefined),
    get compactionDue() {
      if (line === undefined) return false;
      // Members of groups that were deleted since are not counted as changed any more, but noted with the identities.
      return Math.max(parts.changed, parts.listings.size) >= limits.compactAfter;
    },
    *compactInSteps() {
      const from = line;
      return { line: from, parts: yield* compactParts(parts) };
    },
    rebase(compaction) {
      if (line === undefined || compaction.line !== line) return undefined;
      const next = rebaseParts(parts, compaction.parts);
      if (next === undefined) return undefined;
      const { numbers } = compaction.parts;
      if (numbers !== undefined) line.memo.renumber(numbers);
      return graphOf(next, lineage, warn, leaveLine());
    },
  };
}

const silence: Warn = () => {};
