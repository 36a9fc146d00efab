import { answeringRealm } from "./answering-realm.ts";
import type { ExplainContext } from "./context.ts";
import type { GrantChange } from "./explanation.ts";
import { groupPrefix } from "./group-index.ts";
import { groupGiftsOf } from "./group-gifts.ts";

/** One change that may be part of a grant, and what is needed to tell its size. */
export type GrantPart =
  | {
      readonly change: Extract<GrantChange, { readonly kind: "add_member" }>;
      /** The id of the group. */
      readonly group: number;
    }
  | {
      readonly change: Extract<GrantChange, { readonly kind: "bind" }>;
      /** How many permissions the role has. */
      readonly permissions: number;
    };

/** Makes the caller a member of a group. */
export function addMember(context: ExplainContext, group: number): GrantPart {
  const name = context.groups.nameOf(group);
  return { group, change: { kind: "add_member", group: name, member: context.caller } };
}

/** What a part gives at least, told without a search. */
export function leastSizeOf(context: ExplainContext, part: GrantPart): number {
  if ("permissions" in part) return part.permissions;
  return groupGiftsOf(context.inspection).get(part.group) ?? 0;
}

/**
 * How many pairs of a permission and a place the parts give at most: what is given to the groups that the
 * caller comes to be in, and the permissions of the roles in all realms that come to have the binding.
 */
export function sizeOf(context: ExplainContext, parts: readonly GrantPart[]): number {
  const gifts = groupGiftsOf(context.inspection);
  const joined = new Set<number>();
  const isNew = (group: number): boolean => context.reach().rankOf(group) === undefined;
  for (const group of groupsAbove(context, parts.flatMap(groupOf))) {
    if (isNew(group)) joined.add(group);
  }
  let size = 0;
  for (const group of joined) size += gifts.get(group) ?? 0;
  for (const part of parts) {
    if ("group" in part) continue;
    const { realm, createRealm } = part.change;
    const heirs = context.inspection.provenance.heirsOf(realm).length;
    size += part.permissions * Math.max(1, heirs);
    // A realm that is created is a new place for all that its root gives.
    if (createRealm && joined.size > 0) size += giftsOfRoot(context, realm, joined);
  }
  return size;
}

function groupOf(part: GrantPart): readonly number[] {
  return "group" in part ? [part.group] : [];
}

function giftsOfRoot(
  { facts, groups }: ExplainContext,
  realm: string,
  joined: ReadonlySet<number>,
): number {
  let pairs = 0;
  for (const binding of answeringRealm(facts.realms, realm)?.bindings ?? []) {
    for (const principal of binding.principals) {
      if (!principal.startsWith(groupPrefix)) continue;
      const group = groups.find(principal.slice(groupPrefix.length));
      if (group !== undefined && joined.has(group)) pairs += binding.permissions.length;
    }
  }
  return pairs;
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
