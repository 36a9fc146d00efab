import { sortBytewise } from "../../domain/bytewise.ts";
import { collectDownward, type Holders } from "./collect-downward.ts";
import { findGranted } from "./granted.ts";
import { groupIndexOf, type GroupIndex } from "./group-index.ts";
import type { Inspection } from "./inspection.ts";
import type { PermittedPrincipal, Place } from "./listings.ts";
import type { NameSet, NameSets } from "./name-sets.ts";

/**
 * Lists everybody who has a permission in a place: an identity passes the check of the place exactly when
 * it is listed (compared folded), is the submitter that is listed, or is matched by a listed glob. First
 * the identities, then the submitter, the globs and the groups, each sorted by name. `via` names the
 * groups that have the permission and that list the principal, themselves or through nesting; it is
 * empty when the principal has the permission itself. Bindings with conditions do not count.
 *
 * Throws INVALID_FIELD when the permission is none that tasks know and the place is a task.
 */
export function listPrincipals(
  inspection: Inspection,
  permission: string,
  place: Place,
): readonly PermittedPrincipal[] {
  const granted = findGranted(inspection, permission, place);
  const index = groupIndexOf(inspection);
  const holders = collectDownward(index, granted.groups);
  const { identities, globs } = gatherMembers(index, holders);
  for (const identity of granted.identities) identities.set(identity, holders.sets.none);
  const groups = new Map<string, NameSet>();
  for (const [id, via] of holders.via) {
    const name = index.nameOf(id);
    groups.set(name, granted.groups.has(name) ? holders.sets.none : via);
  }
  return [
    ...listed("identity", identities, holders.sets),
    ...(granted.submitter === ""
      ? []
      : [{ kind: "submitter" as const, name: granted.submitter, via: [] }]),
    ...listed("glob", globs, holders.sets),
    ...listed("group", groups, holders.sets),
  ];
}

/** The identities (folded) and globs of groups, with what they have the permission through. */
function gatherMembers(
  index: GroupIndex,
  { via, sets }: Holders,
): { readonly identities: Map<string, NameSet>; readonly globs: Map<string, NameSet> } {
  const identities = new Map<string, NameSet>();
  const globs = new Map<string, NameSet>();
  const add = (to: Map<string, NameSet>, name: string, through: NameSet): void => {
    const known = to.get(name);
    to.set(name, known === undefined ? through : sets.unite(known, through));
  };
  for (const [id, through] of via) {
    const group = index.entryOf(id);
    if (group === undefined) continue;
    for (const identity of group.members.keys()) add(identities, identity, through);
    for (const glob of group.globs) add(globs, glob, through);
  }
  return { identities, globs };
}

function listed(
  kind: PermittedPrincipal["kind"],
  principals: ReadonlyMap<string, NameSet>,
  sets: NameSets,
): readonly PermittedPrincipal[] {
  return sortBytewise(principals.keys()).map((name) => ({
    kind,
    name,
    via: sets.namesOf(principals.get(name) ?? sets.none),
  }));
}
