import { sortBytewise } from "../domain/bytewise.ts";
import { parseGlob } from "../domain/glob.ts";
import type { Identity } from "../domain/identity.ts";
import { editGlobs, type GlobEdit } from "./glob-index.ts";
import {
  addChange,
  assertWhole,
  createDraft,
  groupOfChange,
  type GroupDraft,
} from "./group-draft.ts";
import type { GroupChange, GroupEntry } from "./group-entry.ts";
import { listingOf, type GroupParts } from "./group-parts.ts";
import { changeMembers, countOwn, noMembers, type GroupMembers } from "./groups/group-members.ts";
import { findBelow } from "./groups/find-below.ts";
import { createIdSet, type IdSet } from "./groups/id-set.ts";
import { findIdentity } from "./groups/member-base.ts";
import type { WideChange } from "./groups/membership-memo.ts";
import { noIds, withId, withoutId, type IdList } from "./id-list.ts";
import { listAt, withLists } from "./paged-lists.ts";
import type { Warn } from "./warnings.ts";

/** How to make the next version of a part: as the newest one, or beside it. */
type How = "advance" | "branch";

/** Parts after changes, and whose memberships may be others than before. */
export interface ChangedGroups {
  readonly parts: GroupParts;
  /** Those who came to be listed somewhere, or ceased to be; folded. */
  readonly identities: Iterable<Identity>;
  /** What may concern others too; undefined: nothing. */
  readonly wide: WideChange | undefined;
}

/**
 * The parts after changes, oldest first, which may be of several revisions. All changes are gathered and judged
 * before a part is touched: when one of them does not fit, a DomainError INTERNAL_FAULT is thrown and nothing has
 * changed. Within one call the parts of a group may come before it, and go after it.
 */
export function changeGroups(
  before: GroupParts,
  changes: readonly GroupChange[],
  how: How,
  warn: Warn,
): ChangedGroups {
  // The names of what may never come true are not numbered for ever.
  const parts = how === "branch" ? { ...before, ids: before.ids.branch() } : before;
  const drafts = new Map<string, GroupDraft>();
  for (const change of changes) {
    const name = groupOfChange(change);
    let draft = drafts.get(name);
    if (draft === undefined) {
      draft = createDraft(name, parts.entries.get(name));
      drafts.set(name, draft);
    }
    addChange(draft, change, warn);
  }
  for (const draft of drafts.values()) assertWhole(draft);

  const edits = editsOf(parts, drafts.values());
  // Before the entries are advanced: from then on these are read more slowly.
  const groups = touchedBy(edits, parts);
  const entries = new Map<string, GroupEntry | undefined>();
  let { changed } = parts;
  for (const draft of drafts.values()) {
    const entry = entryOf(parts, draft, how);
    entries.set(draft.name, entry);
    changed += ownOf(entry) - ownOf(draft.before);
  }
  const next = {
    ...parts,
    entries: parts.entries[how](entries),
    listings: edits.listings.size === 0 ? parts.listings : parts.listings[how](edits.listings),
    globs: editGlobs(parts.globs, edits.globs),
    changed,
  };
  const after = withWays(next, edits, groups);
  warnOfMissing(after, drafts.values(), warn);
  return { parts: after, identities: edits.listings.keys(), wide: wideChange(edits, groups) };
}

function ownOf(entry: GroupEntry | undefined): number {
  return entry === undefined ? 0 : countOwn(entry.members);
}

/**
 * The groups above which there may be others than before: those whose parents changed, and all that was nested in them.
 * What comes to be nested in them is one whose parents changed, or was nested in such a one.
 */
function touchedBy({ parents }: Edits, { ids, entries }: GroupParts): IdSet | undefined {
  if (parents.size === 0) return undefined;
  return createIdSet(findBelow(parents.keys(), ids, entries), ids.count());
}

/** The parts with the ways up from groups, and from globs. */
function withWays(parts: GroupParts, edits: Edits, touched: IdSet | undefined): GroupParts {
  if (touched === undefined && edits.globs.length === 0) return parts;
  let { parents, closures } = parts;
  if (touched !== undefined) {
    parents = withLists(parents, edits.parents);
    closures = closures.after(parents, touched);
  }
  const globs = new Set(edits.globs.map(({ glob }) => glob.text));
  const matched = parts.matched.after(closures, globs, touched);
  return { ...parts, parents, closures, matched };
}

function wideChange({ globs }: Edits, groups: IdSet | undefined): WideChange | undefined {
  if (globs.length === 0 && groups === undefined) return undefined;
  return { globs: globs.map(({ glob }) => glob), groups };
}

/** What changes of the ways from identities, globs and groups to the groups that hold them. */
interface Edits {
  readonly listings: ReadonlyMap<Identity, IdList>;
  readonly globs: readonly GlobEdit[];
  readonly parents: ReadonlyMap<number, IdList | undefined>;
}

function editsOf(parts: GroupParts, drafts: Iterable<GroupDraft>): Edits {
  const { ids, base, parents } = parts;
  const listed = new Map<Identity, IdList>();
  const globs: GlobEdit[] = [];
  const nesting = new Map<number, IdList | undefined>();
  for (const { name, before, members, globs: now, nested } of drafts) {
    const id = ids.intern(name);
    for (const [identity, typed] of members) {
      const isMember = typed !== undefined;
      if (isMember === (before?.members.has(identity) ?? false)) continue;
      const list = listed.get(identity) ?? listingOf(parts, identity, findIdentity(base, identity));
      listed.set(identity, edited(Array.from(list), id, isMember) ?? noIds);
    }
    for (const [text, isHeld] of differences(before?.globs, now)) {
      const glob = parseGlob(text);
      if (glob !== undefined) globs.push({ glob, group: id, isHeld });
    }
    for (const [text, isNested] of differences(before?.nested, nested)) {
      const child = ids.intern(text);
      const list = nesting.has(child) ? nesting.get(child) : listAt(parents, child);
      nesting.set(child, edited(list, id, isNested));
    }
  }
  return { listings: listed, globs, parents: nesting };
}

function edited(list: IdList = noIds, id: number, isIn: boolean): IdList | undefined {
  return isIn ? withId(list, id) : withoutId(list, id);
}

/** What is in one of the sets and not in the other, and whether it is in the later one. */
function* differences(
  before: readonly string[] = [],
  after: ReadonlySet<string> | undefined,
): Generator<readonly [string, boolean]> {
  if (after === undefined) return;
  const old = new Set(before);
  for (const text of old) if (!after.has(text)) yield [text, false];
  for (const text of after) if (!old.has(text)) yield [text, true];
}

function entryOf(parts: GroupParts, draft: GroupDraft, how: How): GroupEntry | undefined {
  const { name, before, head, globs, nested } = draft;
  if (head === undefined) return undefined;
  const { description, owners, managedBy, revision } = head;
  return {
    id: parts.ids.intern(name),
    name,
    description,
    owners,
    managedBy,
    revision,
    members: membersOf(parts, draft, how),
    globs: globs === undefined ? (before?.globs ?? []) : sortBytewise(globs),
    nested: nested === undefined ? (before?.nested ?? []) : sortBytewise(nested),
  };
}

function membersOf(
  parts: GroupParts,
  { name, before, members }: GroupDraft,
  how: How,
): GroupMembers {
  if (before !== undefined && members.size === 0) return before.members;
  const shared = new Map<Identity, Identity | undefined>();
  for (const [identity, typed] of members) {
    const text = knownText(parts, identity) ?? identity;
    shared.set(text, typed === identity ? text : typed);
  }
  return changeMembers(before?.members ?? noMembers(parts.ids.intern(name)), shared, how);
}

/** The text of an identity that there is already: texts of one identity would cost more than lists do. */
function knownText(
  { ids, base, entries, listings }: GroupParts,
  identity: Identity,
): Identity | undefined {
  const id = findIdentity(base, identity);
  if (id !== undefined) return base.identities.texts[id];
  const [group] = listings.get(identity) ?? noIds;
  const typed =
    group === undefined ? undefined : entries.get(ids.nameOf(group))?.members.get(identity);
  return typed === identity ? typed : undefined;
}

/** A group that does not exist, and is nested by one that does, is empty; mostly that is not meant. */
function warnOfMissing(
  { ids, entries, parents }: GroupParts,
  drafts: Iterable<GroupDraft>,
  warn: Warn,
): void {
  for (const { name, head, nested = [] } of drafts) {
    for (const child of nested) if (!entries.has(child)) warn("unknown_group", child);
    if (head === undefined && listAt(parents, ids.intern(name)) !== undefined)
      warn("unknown_group", name);
  }
}
