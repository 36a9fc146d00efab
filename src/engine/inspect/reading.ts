import { anonymousIdentity, type Identity } from "../../domain/identity.ts";
import type { GroupGraph } from "../group-graph.ts";
import { groupsOf } from "../groups/membership.ts";
import { isReader } from "../reader.ts";
import type { Inspection } from "./inspection.ts";

/** What somebody may read of an explanation. */
export type Reading =
  /** A reader: all of it. */
  | { readonly kind: "everything" }
  /** An owner of some group: those memberships that are of its own groups. */
  | { readonly kind: "own_groups"; readonly mayRead: (group: string) => boolean }
  /** Anybody else: nothing, so that an explanation tells no more than the check. */
  | { readonly kind: "nothing" };

const owning = new WeakMap<GroupGraph, ReadonlySet<number>>();

/**
 * What an identity may read of the explanations of an inspection. Nobody reads anything by being anonymous,
 * whatever the groups say.
 */
export function readingOf(inspection: Inspection, asker: Identity): Reading {
  const { snapshot } = inspection;
  if (asker === anonymousIdentity) return { kind: "nothing" };
  if (isReader(snapshot, asker)) return { kind: "everything" };
  const owners = owningGroups(snapshot.groups);
  const own = new Set(
    [...groupsOf(snapshot.groups.membershipOf(asker))].filter((group) => owners.has(group)),
  );
  if (own.size === 0) return { kind: "nothing" };
  return {
    kind: "own_groups",
    mayRead(name) {
      const group = snapshot.groups.entry(name);
      const owners = group && snapshot.groups.findGroup(group.owners);
      return owners !== undefined && own.has(owners);
    },
  };
}

/** The groups that own some group. Found at the first call, remembered with the graph of the snapshot. */
function owningGroups(groups: GroupGraph): ReadonlySet<number> {
  const known = owning.get(groups);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const { owners } of groups.entries()) names.add(owners);
  const found = new Set<number>();
  for (const name of names) {
    const group = groups.findGroup(name);
    if (group !== undefined) found.add(group);
  }
  owning.set(groups, found);
  return found;
}
