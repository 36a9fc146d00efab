import type { Group } from "../../src/domain/model.ts";
import type { GroupGraph } from "../../src/engine/group-graph.ts";
import { groupsOf } from "../../src/engine/groups/membership.ts";
import { globTexts, groupNames, memberTexts, type PlainGroup } from "./group-changes.ts";
import { id } from "./world.ts";

/** Whom to ask about: all that wishes name, in several texts, and a stranger. */
export const asked = [...memberTexts, "user:ANN@x.com", "user:eve@y.com"];

const sorted = (texts: Iterable<string>): readonly string[] =>
  [...texts].toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));

/** Hears warnings and says nothing. */
export const silence = (): void => {};

/** A group of a plain world as a configuration has it. */
export function toGroup([name, plain]: readonly [string, PlainGroup]): Group {
  const { description, owners, members, globs, nested } = plain;
  return {
    name,
    description,
    owners,
    members: [...members.values()],
    globs: [...globs],
    nested: [...nested],
  };
}

/** All that a graph says, in words; ids of no meaning are left out. */
export function telling(graph: GroupGraph) {
  const names = (ids: Iterable<number>): readonly string[] =>
    sorted(new Set([...ids].map((at) => graph.nameOf(at))));
  const entries = [...graph.entries()].map((entry) => ({
    name: entry.name,
    description: entry.description,
    owners: entry.owners,
    members: sorted([...entry.members.entries()].map(String)),
    memberCount: entry.members.size,
    globs: entry.globs,
    nested: entry.nested,
    parents: names(graph.parentsOf(entry.id)),
  }));
  return {
    count: graph.groupCount,
    entries: entries.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
    found: groupNames.filter((name) => graph.findGroup(name) !== undefined),
    ghost: names(graph.parentsOf(graph.internGroup("ghost"))),
    memberships: asked.map((text) => names(groupsOf(graph.membershipOf(id(text))))),
    listings: asked.map((text) => names(graph.listing(id(text)))),
    matches: asked.map((text) => names(graph.matching(id(text)))),
    holders: globTexts.map((text) => names(graph.holding(text))),
  };
}
