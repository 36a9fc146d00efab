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
import type { GroupParts } from "./group-parts.ts";
import { noIds, withId, withoutId, type IdList } from "./id-list.ts";
import { listAt, withLists } from "./paged-lists.ts";
import { createVersionedMap } from "./versioned-map.ts";
import type { Warn } from "./warnings.ts";

/** How to make the next version of a part: as the newest one, or beside it. */
type How = "advance" | "branch";

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
): GroupParts {
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
  const entries = new Map<string, GroupEntry | undefined>();
  for (const draft of drafts.values()) entries.set(draft.name, entryOf(parts, draft, how));
  const next = {
    ...parts,
    entries: parts.entries[how](entries),
    listings: edits.listings.size === 0 ? parts.listings : parts.listings[how](edits.listings),
    globs: editGlobs(parts.globs, edits.globs),
    parents: edits.parents.size === 0 ? parts.parents : withLists(parts.parents, edits.parents),
  };
  warnOfMissing(next, drafts.values(), warn);
  return next;
}

/** What changes of the ways from identities, globs and groups to the groups that hold them. */
interface Edits {
  readonly listings: ReadonlyMap<Identity, IdList | undefined>;
  readonly globs: readonly GlobEdit[];
  readonly parents: ReadonlyMap<number, IdList | undefined>;
}

function editsOf({ ids, listings, parents }: GroupParts, drafts: Iterable<GroupDraft>): Edits {
  const listed = new Map<Identity, IdList | undefined>();
  const globs: GlobEdit[] = [];
  const nesting = new Map<number, IdList | undefined>();
  for (const { name, before, members, globs: now, nested } of drafts) {
    const id = ids.intern(name);
    for (const [identity, typed] of members) {
      const isMember = typed !== undefined;
      if (isMember === (before?.members.has(identity) ?? false)) continue;
      const list = listed.has(identity) ? listed.get(identity) : listings.get(identity);
      listed.set(identity, edited(list, id, isMember));
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
  const { name, before, head, members, globs, nested } = draft;
  if (head === undefined) return undefined;
  const { description, owners, managedBy, revision } = head;
  return {
    id: parts.ids.intern(name),
    name,
    description,
    owners,
    managedBy,
    revision,
    members: changeMembers(parts, before, members, how),
    globs: globs === undefined ? (before?.globs ?? []) : sortBytewise(globs),
    nested: nested === undefined ? (before?.nested ?? []) : sortBytewise(nested),
  };
}

function changeMembers(
  parts: GroupParts,
  before: GroupEntry | undefined,
  members: GroupDraft["members"],
  how: How,
): GroupEntry["members"] {
  if (before !== undefined && members.size === 0) return before.members;
  const shared = new Map<Identity, Identity | undefined>();
  for (const [identity, typed] of members) {
    const text = knownText(parts, identity) ?? identity;
    shared.set(text, typed === identity ? text : typed);
  }
  return (before?.members ?? createVersionedMap<Identity, Identity>())[how](shared);
}

/** The text of an identity that some group has already: texts of one identity would cost more than lists do. */
function knownText(
  { ids, entries, listings }: GroupParts,
  identity: Identity,
): Identity | undefined {
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
