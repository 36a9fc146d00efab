import { rootGroup } from "../../domain/names.ts";
import { countGifts } from "../compiled-binding.ts";
import type { RealmIndex } from "../realm-index.ts";
import { createServerLevel } from "../server-level.ts";
import type { Inspection } from "./inspection.ts";

/**
 * By the id of a group, be there such a group or not: how many pairs of a permission and a place (a realm, or the server level) name
 * the group itself. A pair that is given under several lists of conditions counts for each. The root group gives
 * every pair there is.
 */
export type GroupGifts = ReadonlyMap<number, number>;

const known = new WeakMap<RealmIndex, GroupGifts>();

/**
 * The gifts of the groups of an inspection. Made at the first call, remembered with the realms of the snapshot, which
 * a change of groups leaves as they are. Counted in the realms as checks have them: there principals are
 * numbers, and permissions share them.
 */
export function groupGiftsOf(inspection: Inspection): GroupGifts {
  const { snapshot, configuration } = inspection;
  const before = known.get(snapshot.realms);
  if (before !== undefined) return before;
  const gifts = new Map<number, number>();
  const give = (group: number, pairs: number): void => {
    gifts.set(group, (gifts.get(group) ?? 0) + pairs);
  };
  // Administrators can give themselves everything, so being one of them is worth all of it.
  const root = snapshot.groups.internGroup(rootGroup);
  give(root, configuration.permissions.length * (configuration.realms.length + 1));
  for (const names of createServerLevel(configuration.settings).values()) {
    for (const name of names) give(snapshot.groups.internGroup(name), 1);
  }
  for (const realm of snapshot.realms.all()) {
    countGifts(realm, (groups, permissions) => {
      for (const group of groups) give(group, permissions);
    });
  }
  known.set(snapshot.realms, gifts);
  return gifts;
}
