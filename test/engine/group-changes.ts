import * as fc from "fast-check";
import type { GroupChange } from "../../src/engine/group-graph.ts";

/** A group as a plain world has it: parts by what tells them apart. */
export interface PlainGroup {
  readonly description: string;
  readonly owners: string;
  readonly managedBy: string;
  readonly revision: bigint;
  /** Folded and typed. */
  readonly members: ReadonlyMap<string, string>;
  readonly globs: ReadonlySet<string>;
  readonly nested: ReadonlySet<string>;
}

/** All groups by name. */
export type PlainGroups = ReadonlyMap<string, PlainGroup>;

/** What to do with a group; whether that creates, updates or deletes something depends on what there is. */
export type Wish =
  | {
      readonly about: "group";
      readonly group: string;
      readonly text: string;
      readonly manager: string;
    }
  | { readonly about: "deletion"; readonly group: string }
  | { readonly about: "member" | "glob" | "nested"; readonly group: string; readonly text: string };

export const groupNames = ["a", "b", "c", "d", "\uffee", "\u{1f600}"];
export const memberTexts = ["user:ann@x.com", "user:Ann@x.com", "user:bob@x.com", "bot:b", "bot:B"];
export const globTexts = ["user:*@x.com", "user:a*", "bot:*", "user:ann@x.com"];
const nestedNames = [...groupNames, "ghost"];

const group = fc.constantFrom(...groupNames);

/** Any wish; wishes for parts of a group that does not exist are common, and make it first. */
export const anyWish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({
    about: fc.constant("group" as const),
    group,
    text: fc.constantFrom("", "a", "b"),
    manager: fc.constantFrom("", "main"),
  }),
  fc.record({ about: fc.constant("deletion" as const), group }),
  fc.record({
    about: fc.constant("member" as const),
    group,
    text: fc.constantFrom(...memberTexts),
  }),
  fc.record({
    about: fc.constant("member" as const),
    group,
    text: fc.constantFrom(...memberTexts),
  }),
  fc.record({ about: fc.constant("glob" as const), group, text: fc.constantFrom(...globTexts) }),
  fc.record({
    about: fc.constant("nested" as const),
    group,
    text: fc.constantFrom(...nestedNames),
  }),
  fc.record({
    about: fc.constant("nested" as const),
    group,
    text: fc.constantFrom(...nestedNames),
  }),
);

/** Carries out wishes at a revision: the world after them, and the changes that lead there, as a log has them. */
export function carryOut(
  before: PlainGroups,
  wishes: readonly Wish[],
  revision: bigint,
): { readonly after: PlainGroups; readonly changes: readonly GroupChange[] } {
  const after = new Map(before);
  const changes: GroupChange[] = [];
  for (const wish of wishes) {
    const key = wish.group;
    const old = after.get(key);
    const push = (change: GroupChange["change"], managedBy = old?.managedBy ?? ""): void => {
      changes.push({ change, revision, managedBy });
    };
    if (wish.about === "deletion") {
      if (old === undefined) continue;
      after.delete(key);
      // As the log has them: kinds in the order of their names, the group first.
      push({ kind: "group", key, before: headBody(key, old), after: undefined });
      for (const glob of old.globs) push(globChange(key, glob, false));
      for (const member of old.members.values()) push(memberChange(key, member, undefined));
      for (const nested of old.nested) push(nestedChange(key, nested, false));
      continue;
    }
    const manager = wish.about === "group" ? wish.manager : "";
    const base = old ?? emptyGroup(manager, revision);
    let now: PlainGroup = { ...base, revision };
    if (wish.about === "group")
      now = { ...now, description: wish.text, owners: wish.text || "administrators" };
    if (old === undefined || wish.about === "group") {
      push(
        {
          kind: "group",
          key,
          before: old && headBody(key, old),
          after: headBody(key, now),
        },
        manager,
      );
    }
    if (wish.about === "member") {
      const folded = fold(wish.text);
      const known = now.members.get(folded);
      const members = new Map(now.members);
      const typed = known === wish.text ? undefined : wish.text;
      if (typed === undefined) members.delete(folded);
      else members.set(folded, typed);
      now = { ...now, members };
      push(memberChange(key, known, typed));
    } else if (wish.about === "glob") {
      now = { ...now, globs: toggled(now.globs, wish.text) };
      push(globChange(key, wish.text, now.globs.has(wish.text)));
    } else if (wish.about === "nested") {
      now = { ...now, nested: toggled(now.nested, wish.text) };
      push(nestedChange(key, wish.text, now.nested.has(wish.text)));
    }
    after.set(key, now);
  }
  return { after, changes };
}

export const fold = (text: string): string =>
  text.startsWith("user:") ? text.toLowerCase() : text;

function emptyGroup(managedBy: string, revision: bigint): PlainGroup {
  return {
    description: "",
    owners: "administrators",
    managedBy,
    revision,
    members: new Map(),
    globs: new Set(),
    nested: new Set(),
  };
}

function headBody(name: string, { description, owners }: PlainGroup) {
  return { name, description, owners };
}

function memberChange(
  group: string,
  before: string | undefined,
  after: string | undefined,
): GroupChange["change"] {
  const body = (member: string | undefined) =>
    member === undefined ? undefined : { group, member };
  return {
    kind: "group_member",
    key: `${group} ${fold(before ?? after ?? "")}`,
    before: body(before),
    after: body(after),
  };
}

function globChange(group: string, glob: string, isIn: boolean): GroupChange["change"] {
  const body = { group, glob };
  return {
    kind: "group_glob",
    key: `${group} ${glob}`,
    before: isIn ? undefined : body,
    after: isIn ? body : undefined,
  };
}

function nestedChange(group: string, nested: string, isIn: boolean): GroupChange["change"] {
  const body = { group, nested };
  return {
    kind: "group_nested",
    key: `${group} ${nested}`,
    before: isIn ? undefined : body,
    after: isIn ? body : undefined,
  };
}

function toggled(set: ReadonlySet<string>, text: string): ReadonlySet<string> {
  const copy = new Set(set);
  if (!copy.delete(text)) copy.add(text);
  return copy;
}
