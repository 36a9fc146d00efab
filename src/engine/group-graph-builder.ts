import { sortBytewise, sortByName } from "../domain/bytewise.ts";
import { parseGlob, type Glob } from "../domain/glob.ts";
import { foldIdentity, parseIdentity, type Identity } from "../domain/identity.ts";
import type { Group } from "../domain/model.ts";
import { finish, forEachInSteps, type Steps } from "../domain/steps.ts";
import { createGlobIndex } from "./glob-index.ts";
import type { GroupEntry, GroupHead } from "./group-entry.ts";
import { createGraph, type GroupGraph } from "./group-graph.ts";
import { createGroupIds } from "./group-ids.ts";
import { buildMemberBase } from "./groups/build-member-base.ts";
import { createClosures } from "./groups/closures.ts";
import { graphLimits, type GraphLimits } from "./groups/graph-limits.ts";
import { membersInBase } from "./groups/group-members.ts";
import { createIdentityIds } from "./groups/identity-ids.ts";
import { createListedPairs } from "./groups/listed-pairs.ts";
import { createMatchedSets } from "./groups/matched-sets.ts";
import type { MemberBase } from "./groups/member-base.ts";
import { noLists, withLists } from "./paged-lists.ts";
import { unusable } from "./unusable.ts";
import { createVersionedMap } from "./versioned-map.ts";
import type { Warn } from "./warnings.ts";

/**
 * Takes groups and their parts one by one, so that who loads millions can let others have their turn. Parts that
 * are malformed are passed over with a warning; one that comes twice counts once. The functions throw a
 * DomainError INTERNAL_FAULT where something does not fit. Not to be used any more once the graph is built.
 */
export interface GroupGraphBuilder {
  /** Adds a group without parts. No group may come twice. */
  readonly addGroup: (group: GroupHead) => void;
  /** Adds a member, as typed, to a group that was added. Of several texts of one identity the first bytewise stays. */
  readonly addMember: (group: string, member: string) => void;
  /**
   * The same for many members of one group, in any order. For some thousand at a time: it is one step. The first text of
   * each identity is kept as it is: if it was cut out of a longer text, all of that stays in memory.
   */
  readonly addMembers: (group: string, members: readonly string[]) => void;
  /** Adds a glob to a group that was added. */
  readonly addGlob: (group: string, glob: string) => void;
  /** Adds the name of a nested group, which need not exist, to a group that was added. */
  readonly addNested: (group: string, nested: string) => void;
  /** The graph. What is left to do depends on the number of groups, globs and nestings only. */
  readonly build: () => GroupGraph;
  /** The same in steps. */
  readonly buildInSteps: () => Steps<GroupGraph>;
}

interface Draft {
  readonly id: number;
  readonly head: GroupHead;
  globs: Set<string> | undefined;
  nested: Set<string> | undefined;
}

/** A text of an identity that is not the folded one. */
interface OddText {
  readonly id: number;
  readonly typed: Identity;
}

// A function made in the builder would keep all of it in memory as long as the graph lives.
const silence: Warn = () => {};

/** Creates a builder of the first version of a lineage. */
export function createGroupGraphBuilder(
  warn: Warn = silence,
  limits: GraphLimits = graphLimits,
): GroupGraphBuilder {
  const ids = createGroupIds();
  const drafts = new Map<string, Draft>();
  const identities = createIdentityIds();
  const oddTexts = new Map<string, OddText>();
  const pairs = createListedPairs();
  const globs = new Map<string, { readonly glob: Glob; readonly groups: number[] }>();
  const parents = new Map<number, number[]>();
  // One list for all groups that are nested in one group only.
  const alone = new Map<number, number[]>();

  // Parts of one group mostly come one after the other.
  let last: Draft | undefined;

  function draftOf(name: string): Draft {
    if (last?.head.name === name) return last;
    last = drafts.get(name);
    if (last === undefined) throw unusable("group", name, "is missing but has parts");
    return last;
  }

  function addGroup(head: GroupHead): void {
    const { name } = head;
    if (drafts.has(name)) throw unusable("group", name, "is defined twice");
    drafts.set(name, { id: ids.intern(name), head, globs: undefined, nested: undefined });
  }

  function addMember(group: string, member: string): void {
    pairs.begin(draftOf(group).id);
    add(group, member);
  }

  function addMembers(group: string, members: readonly string[]): void {
    pairs.begin(draftOf(group).id);
    for (const member of members) add(group, member);
  }

  /** Adds a member to the group that was begun. A text is read once only. */
  function add(group: string, member: string): void {
    const known = identities.find(member);
    if (known !== undefined) {
      pairs.add(known);
      return;
    }
    const odd = oddTexts.get(member) ?? read(member);
    if (odd === undefined) warn("malformed_member", group);
    else if (typeof odd === "number") pairs.add(odd);
    else {
      pairs.add(odd.id);
      pairs.type(odd.id, odd.typed);
    }
  }

  function read(member: string): OddText | number | undefined {
    const typed = parseIdentity(member);
    if (typed === undefined) return undefined;
    const folded = foldIdentity(typed);
    const id = identities.intern(folded);
    if (folded === typed) return id;
    const odd = { id, typed };
    oddTexts.set(member, odd);
    return odd;
  }

  function addGlob(group: string, text: string): void {
    const draft = draftOf(group);
    const glob = globs.get(text)?.glob ?? parseGlob(text);
    if (glob === undefined) {
      warn("malformed_member", group);
      return;
    }
    draft.globs ??= new Set();
    if (draft.globs.has(text)) return;
    draft.globs.add(glob.text);
    const holders = globs.get(text);
    if (holders === undefined) globs.set(glob.text, { glob, groups: [draft.id] });
    else holders.groups.push(draft.id);
  }

  function addNested(group: string, nested: string): void {
    const draft = draftOf(group);
    draft.nested ??= new Set();
    if (draft.nested.has(nested)) return;
    draft.nested.add(nested);
    append(parents, ids.intern(nested), draft.id, alone);
  }

  function* buildInSteps(): Steps<GroupGraph> {
    oddTexts.clear();
    yield;
    const base = yield* buildMemberBase(pairs, identities, ids.count());
    const entries = new Map<string, GroupEntry>();
    yield* forEachInSteps(drafts.values(), (draft) => {
      entries.set(draft.head.name, toEntry(draft, base));
      for (const name of draft.nested ?? []) if (!drafts.has(name)) warn("unknown_group", name);
    });
    yield;
    const lists = withLists(noLists, parents);
    const closures = createClosures(lists, limits.maxClosureIds);
    const parts = {
      ids,
      base,
      entries: createVersionedMap(entries),
      listings: createVersionedMap<Identity, readonly number[]>(),
      globs: createGlobIndex(globs.values()),
      parents: lists,
      closures,
      matched: createMatchedSets(closures, limits.maxMatchedSets),
      changed: 0,
    };
    return createGraph(parts, limits, warn);
  }

  const build = (): GroupGraph => finish(buildInSteps());

  return { addGroup, addMember, addMembers, addGlob, addNested, build, buildInSteps };
}

/** Creates the graph of groups in memory, at revision 0 and managed by nobody. For some thousand groups: see the builder. */
export function createGroupGraph(groups: readonly Group[], warn: Warn): GroupGraph {
  const builder = createGroupGraphBuilder(warn);
  const sorted = sortByName(groups);
  for (const { name, description, owners } of sorted) {
    builder.addGroup({ name, description, owners, managedBy: "", revision: 0n });
  }
  for (const { name, members, globs, nested } of sorted) {
    for (const member of members) builder.addMember(name, member);
    for (const glob of globs) builder.addGlob(name, glob);
    for (const child of nested) builder.addNested(name, child);
  }
  return builder.build();
}

// Most lists are short, and lists that grow by push have room for 16 more.
const longestExact = 16;

function append<K>(
  lists: Map<K, number[]>,
  key: K,
  id: number,
  alone: Map<number, number[]>,
): void {
  const list = lists.get(key);
  if (list === undefined) {
    let single = alone.get(id);
    if (single === undefined) {
      single = [id];
      alone.set(id, single);
    }
    lists.set(key, single);
  } else if (list.length < longestExact) lists.set(key, list.concat(id));
  else list.push(id);
}

const none: readonly string[] = Object.freeze([]);

function toEntry({ id, head, globs, nested }: Draft, base: MemberBase): GroupEntry {
  const { name, description, owners, managedBy, revision } = head;
  return {
    id,
    name,
    description,
    owners,
    managedBy,
    revision,
    members: membersInBase(base, id),
    globs: globs === undefined ? none : sortBytewise(globs),
    nested: nested === undefined ? none : sortBytewise(nested),
  };
}
