import { anonymousIdentity, type Identity } from "../../domain/identity.ts";
import type { Configuration } from "../../domain/model.ts";
import { isReader } from "../reader.ts";
import type { Snapshot } from "../snapshot.ts";

/** What somebody may read of an explanation. */
export type Reading =
  /** A reader: all of it. */
  | { readonly kind: "everything" }
  /** An owner of some group: those memberships that are of its own groups. */
  | { readonly kind: "own_groups"; readonly mayRead: (group: string) => boolean }
  /** Anybody else: nothing, so that an explanation tells no more than the check. */
  | { readonly kind: "nothing" };

/** The owners of groups by the name of the group, and each name of owners once. */
interface Owners {
  readonly ofGroup: ReadonlyMap<string, string>;
  readonly names: readonly string[];
}

const owners = new WeakMap<ReadonlyMap<string, Configuration>, Owners>();

/**
 * What an identity may read of explanations that are made from a snapshot; `configurations` are those that
 * the snapshot was made of, by source. Nobody reads anything by being anonymous, whatever the groups say.
 */
export function readingOf(
  snapshot: Snapshot,
  configurations: ReadonlyMap<string, Configuration>,
  asker: Identity,
): Reading {
  if (asker === anonymousIdentity) return { kind: "nothing" };
  if (isReader(snapshot, asker)) return { kind: "everything" };
  const { ofGroup, names } = ownersIn(configurations);
  const own = new Set(names.filter((name) => snapshot.authDb.isMember(asker, name)));
  if (own.size === 0) return { kind: "nothing" };
  return { kind: "own_groups", mayRead: (group) => own.has(ofGroup.get(group) ?? "") };
}

function ownersIn(configurations: ReadonlyMap<string, Configuration>): Owners {
  const known = owners.get(configurations);
  if (known !== undefined) return known;
  const ofGroup = new Map<string, string>();
  for (const { groups } of configurations.values()) {
    for (const group of groups) ofGroup.set(group.name, group.owners);
  }
  const found = { ofGroup, names: [...new Set(ofGroup.values())] };
  owners.set(configurations, found);
  return found;
}
