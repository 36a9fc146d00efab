import { sortByName } from "../domain/bytewise.ts";
import { emptyConfiguration, type Configuration, type Group } from "../domain/model.ts";
import { unmanaged } from "../domain/names.ts";
import type { GroupEntry } from "../engine/group-entry.ts";
import type { ReplicaState } from "./state.ts";

/** What of groups is wanted: everything, or names, owners and nested groups alone, of which there are far fewer. */
export type GroupDetail = "all" | "references";

/**
 * What each source manages in a state, in canonical form; `unmanaged` holds the groups that no source manages and
 * is there only if there are such. Costs what there is: not for a path that checks wait for.
 */
export function configurationsOf(
  state: ReplicaState,
  detail: GroupDetail = "all",
): ReadonlyMap<string, Configuration> {
  const groups = Map.groupBy(state.snapshot.groups.entries(), ({ managedBy }) => managedBy);
  const configurations = new Map<string, Configuration>();
  for (const [source, policy] of state.policies) {
    configurations.set(source, { ...policy, groups: toGroups(groups.get(source), detail) });
  }
  const byHand = groups.get(unmanaged);
  if (byHand !== undefined) {
    configurations.set(unmanaged, { ...emptyConfiguration, groups: toGroups(byHand, detail) });
  }
  return configurations;
}

/** What one source manages, in canonical form; undefined when there is no such source. */
export function configurationOf(state: ReplicaState, source: string): Configuration | undefined {
  const policy = state.policies.get(source);
  if (policy === undefined) return undefined;
  const own: GroupEntry[] = [];
  for (const entry of state.snapshot.groups.entries()) {
    if (entry.managedBy === source) own.push(entry);
  }
  return { ...policy, groups: toGroups(own, "all") };
}

function toGroups(
  entries: readonly GroupEntry[] | undefined,
  detail: GroupDetail,
): readonly Group[] {
  const groups = Array.from(entries ?? [], (entry) => ({
    name: entry.name,
    description: entry.description,
    owners: entry.owners,
    // Identities are ASCII, so this is bytewise order.
    members: detail === "all" ? [...entry.members.values()].sort() : [],
    globs: detail === "all" ? entry.globs : [],
    nested: entry.nested,
  }));
  return sortByName(groups);
}
