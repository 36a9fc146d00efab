import { show } from "../show.ts";
import type { Report } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";

/** Bindings, settings and delegations of groups that exist and have nobody in them; each group once. */
export function findEmptyGroups({ groups, grants }: LintContext, report: Report): void {
  const filled = filledGroups(groups);
  const told = new Set<string>();
  for (const { group, place, kind } of grants) {
    if (!groups.has(group) || filled.has(group) || told.has(group)) continue;
    told.add(group);
    const message = `this ${kind} is for the group ${show(group)}, which has no members`;
    report(place, message, "add members, or take it away");
  }
}

/** The groups that hold somebody, themselves or through nesting. */
function filledGroups(groups: LintContext["groups"]): ReadonlySet<string> {
  const parents = new Map<string, string[]>();
  const filled = new Set<string>();
  for (const [name, { value }] of groups) {
    if (value.members.length + value.globs.length > 0) filled.add(name);
    for (const nested of value.nested) {
      // Who is in a group of another source is not known here: it counts as filled.
      if (!groups.has(nested)) filled.add(name);
      const list = parents.get(nested);
      if (list === undefined) parents.set(nested, [name]);
      else list.push(name);
    }
  }
  // A set hands out what is added while it is walked.
  for (const name of filled) {
    for (const parent of parents.get(name) ?? []) filled.add(parent);
  }
  return filled;
}
