import { parseGlob } from "../domain/glob.ts";
import { foldIdentity, parseIdentity, type Identity } from "../domain/identity.ts";
import type { GroupChange, GroupEntry, GroupHead } from "./group-entry.ts";
import { unusable } from "./unusable.ts";
import type { Warn } from "./warnings.ts";

/** A group while changes are gathered for it; the graph is not touched. */
export interface GroupDraft {
  readonly name: string;
  /** As it was before the changes; undefined: there was none. */
  readonly before: GroupEntry | undefined;
  /** As it is by now; undefined: there is none. */
  head: GroupHead | undefined;
  /** The members that were touched; undefined: no member by now. */
  readonly members: Map<Identity, Identity | undefined>;
  /** How many members there are by now. */
  memberCount: number;
  /** All of them by now; undefined: none was touched. */
  globs: Set<string> | undefined;
  nested: Set<string> | undefined;
}

/** A draft without a change. */
export function createDraft(name: string, before: GroupEntry | undefined): GroupDraft {
  return {
    name,
    before,
    head: before,
    members: new Map(),
    memberCount: before?.members.size ?? 0,
    globs: undefined,
    nested: undefined,
  };
}

/** The name of the group that a change is about. */
export function groupOfChange({ change }: GroupChange): string {
  const body = change.after ?? change.before;
  if (body === undefined) throw misfit(change);
  return "group" in body ? body.group : body.name;
}

/** Adds a change. Malformed members and globs are passed over, with a warning. Throws when it does not fit. */
export function addChange(draft: GroupDraft, groupChange: GroupChange, warn: Warn): void {
  const { change, revision } = groupChange;
  switch (change.kind) {
    case "group":
      changeHead(draft, change, groupChange);
      return;
    case "group_member":
      changeMember(draft, change, warn);
      break;
    case "group_glob": {
      const globs = (draft.globs ??= new Set(draft.before?.globs));
      const { before, after } = change;
      if (after !== undefined && !isGlob(after.glob)) warn("malformed_member", draft.name);
      if (before !== undefined && isGlob(before.glob)) remove(globs, before.glob, change);
      if (after !== undefined && isGlob(after.glob)) add(globs, after.glob, change);
      break;
    }
    default: {
      const nested = (draft.nested ??= new Set(draft.before?.nested));
      const { before, after } = change;
      if (before !== undefined) remove(nested, before.nested, change);
      if (after !== undefined) add(nested, after.nested, change);
    }
  }
  if (draft.head !== undefined) draft.head = { ...headOf(draft.head), revision };
}

/** Throws when there are parts of a group that does not exist: to be asked when all changes are in. */
export function assertWhole(draft: GroupDraft): void {
  const { name, before, head, memberCount } = draft;
  if (head !== undefined) return;
  const globs = draft.globs?.size ?? before?.globs.length ?? 0;
  const nested = draft.nested?.size ?? before?.nested.length ?? 0;
  if (memberCount + globs + nested > 0) throw unusable("group", name, "is missing but has parts");
}

type ChangeOf<K extends GroupChange["change"]["kind"]> = Extract<
  GroupChange["change"],
  { readonly kind: K }
>;

function changeHead(
  draft: GroupDraft,
  change: ChangeOf<"group">,
  { revision, managedBy }: GroupChange,
): void {
  const { head } = draft;
  if ((change.before === undefined) !== (head === undefined)) throw misfit(change);
  // An update leaves a group with its manager, as it does in storage.
  draft.head = change.after && {
    name: draft.name,
    description: change.after.description,
    owners: change.after.owners,
    managedBy: head?.managedBy ?? managedBy,
    revision,
  };
}

function headOf({ name, description, owners, managedBy, revision }: GroupHead): GroupHead {
  return { name, description, owners, managedBy, revision };
}

function changeMember(draft: GroupDraft, change: ChangeOf<"group_member">, warn: Warn): void {
  const { members } = draft;
  const current = (folded: Identity): Identity | undefined =>
    members.has(folded) ? members.get(folded) : draft.before?.members.get(folded);
  const removed = change.before && parseIdentity(change.before.member);
  if (removed !== undefined) {
    const folded = foldIdentity(removed);
    if (current(folded) !== removed) throw misfit(change);
    members.set(folded, undefined);
    draft.memberCount -= 1;
  }
  if (change.after === undefined) return;
  const added = parseIdentity(change.after.member);
  if (added === undefined) {
    warn("malformed_member", draft.name);
    return;
  }
  const folded = foldIdentity(added);
  if (current(folded) !== undefined) throw misfit(change);
  members.set(folded, added);
  draft.memberCount += 1;
}

function isGlob(text: string): boolean {
  return parseGlob(text) !== undefined;
}

function remove(set: Set<string>, text: string, change: GroupChange["change"]): void {
  if (!set.delete(text)) throw misfit(change);
}

function add(set: Set<string>, text: string, change: GroupChange["change"]): void {
  if (set.has(text)) throw misfit(change);
  set.add(text);
}

function misfit({ kind, key }: GroupChange["change"]) {
  return unusable(kind, key, "is changed from what it is not");
}
