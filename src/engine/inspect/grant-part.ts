import type { ExplainContext } from "./context.ts";
import type { GrantChange } from "./explanation.ts";
import { groupGiftsOf } from "./group-gifts.ts";

/** One change that may be part of a grant, and what is needed to tell its size. */
export type GrantPart =
  | {
      readonly change: Extract<GrantChange, { readonly kind: "add_member" }>;
      /** The number of the group. */
      readonly group: number;
    }
  | {
      readonly change: Extract<GrantChange, { readonly kind: "bind" }>;
      /** How many permissions the role has. */
      readonly permissions: number;
    };

/** Makes the caller a member of a group. */
export function addMember(context: ExplainContext, group: number): GrantPart {
  const name = context.groups.groups[group]?.name ?? "";
  return { group, change: { kind: "add_member", group: name, member: context.caller } };
}

/** What a part gives at least, told without a search. */
export function leastSizeOf(context: ExplainContext, part: GrantPart): number {
  if ("permissions" in part) return part.permissions;
  return groupGiftsOf(context.inspection.configuration)[part.group] ?? 0;
}

/**
 * How many pairs of a permission and a place the parts give at most: what is given to the groups that the
 * caller comes to be in, and the permissions of the roles in all realms that come to have the binding.
 */
export function sizeOf(context: ExplainContext, parts: readonly GrantPart[]): number {
  const gifts = groupGiftsOf(context.inspection.configuration);
  let size = 0;
  const joined: number[] = [];
  for (const part of parts) {
    if ("group" in part) joined.push(part.group);
    else {
      const heirs = context.inspection.provenance.heirsOf(part.change.realm).length;
      size += part.permissions * Math.max(1, heirs);
    }
  }
  for (const group of groupsAbove(context, joined)) {
    if (context.reach().rankOf(group) === undefined) size += gifts[group] ?? 0;
  }
  return size;
}

/** The groups, and all that they are nested in, at any depth. */
export function groupsAbove(context: ExplainContext, start: Iterable<number>): ReadonlySet<number> {
  const above = new Set(start);
  // A set hands out what is added to it while it is walked.
  for (const group of above) {
    for (const parent of context.groups.parentsOf(group)) above.add(parent);
  }
  return above;
}
