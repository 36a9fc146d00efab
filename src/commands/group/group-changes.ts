import type { EntityChange } from "../../domain/entity.ts";
import { sortedSet } from "../../domain/bytewise.ts";
import type { Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { sortMembers, type Members } from "./group-syntax.ts";

/** What a group is to be. */
export interface GroupContent {
  readonly name: string;
  readonly description: string;
  readonly owners: string;
  /** Undefined: the members stay as they are. */
  readonly members: Members | undefined;
  readonly globs: readonly string[];
  readonly nested: readonly string[];
}

/**
 * The changes that make a group what it is to be, in the order of kinds and keys. A member in another spelling is
 * an update. Undefined as `before`: there is no such group. Undefined as `after`: it is deleted.
 */
export function groupChanges(
  before: GroupEntry | undefined,
  after: GroupContent | undefined,
): readonly EntityChange[] {
  const name = after?.name ?? before?.name ?? "";
  return [
    ...headChanges(name, before, after),
    ...setChanges(before?.globs, after?.globs).map(([value, isNew]) =>
      globChange(name, value, isNew),
    ),
    ...memberChanges(name, before, after),
    ...setChanges(before?.nested, after?.nested).map(([value, isNew]) =>
      nestedChange(name, value, isNew),
    ),
  ];
}

function headChanges(
  name: string,
  before: GroupEntry | undefined,
  after: GroupContent | undefined,
): readonly EntityChange[] {
  const old = before && bodyOf(before);
  const next = after && bodyOf(after);
  if (old?.description === next?.description && old?.owners === next?.owners) return [];
  return [{ kind: "group", key: name, before: old, after: next }];
}

function bodyOf({
  name,
  description,
  owners,
}: Pick<GroupEntry, "name" | "description" | "owners">): Extract<
  EntityChange,
  { kind: "group" }
>["after"] {
  return { name, description, owners };
}

function memberChanges(
  name: string,
  before: GroupEntry | undefined,
  after: GroupContent | undefined,
): readonly EntityChange[] {
  if (after !== undefined && after.members === undefined) return [];
  const next = after?.members ?? new Map<Identity, Identity>();
  const changed = new Map<Identity, Identity>();
  for (const [folded, typed] of next) {
    if (before?.members.get(folded) !== typed) changed.set(folded, typed);
  }
  for (const [folded, typed] of before?.members.entries() ?? []) {
    if (!next.has(folded)) changed.set(folded, typed);
  }
  const changes: EntityChange[] = [];
  for (const folded of sortMembers(changed).keys()) {
    changes.push(memberChange(name, folded, before?.members.get(folded), next.get(folded)));
  }
  return changes;
}

/** The change of one membership; `folded` is the identity as it is compared. */
export function memberChange(
  group: string,
  folded: Identity,
  before: Identity | undefined,
  after: Identity | undefined,
): EntityChange {
  return {
    kind: "group_member",
    key: `${group} ${folded}`,
    before: before && { group, member: before },
    after: after && { group, member: after },
  };
}

/** Values that are only in one of two sets, sorted, and whether they are new. */
function setChanges(
  before: readonly string[] = [],
  after: readonly string[] = [],
): readonly (readonly [value: string, isNew: boolean])[] {
  const [old, next] = [new Set(before), new Set(after)];
  const gone = before.filter((value) => !next.has(value));
  const added = after.filter((value) => !old.has(value));
  return sortedSet([...gone, ...added]).map((value) => [value, next.has(value)] as const);
}

function globChange(group: string, glob: string, isNew: boolean): EntityChange {
  const body = { group, glob };
  return { kind: "group_glob", key: `${group} ${glob}`, ...toggled(body, isNew) };
}

function nestedChange(group: string, nested: string, isNew: boolean): EntityChange {
  const body = { group, nested };
  return { kind: "group_nested", key: `${group} ${nested}`, ...toggled(body, isNew) };
}

function toggled<T>(
  body: T,
  isNew: boolean,
): { readonly before: T | undefined; readonly after: T | undefined } {
  return isNew ? { before: undefined, after: body } : { before: body, after: undefined };
}
