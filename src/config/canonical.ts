import { foldIdentity, type Identity } from "../domain/identity.ts";
import type {
  BotGroup,
  Configuration,
  Group,
  Project,
  Realm,
  Role,
  Settings,
} from "../domain/model.ts";
import { rootGroup } from "../domain/names.ts";
import { sortBytewise, sortByName, sortedSet } from "../domain/bytewise.ts";
import { sortDelegations } from "../domain/canonical-order.ts";
import { canonicalBindings } from "./canonical-bindings.ts";

/**
 * The canonical form of a configuration: everything that is a set is distinct and in bytewise order, the
 * bindings of one role and one set of conditions are united, and groups without owners belong to
 * `administrators`. Names are not checked. Equal configurations have equal canonical forms.
 */
export function canonicalize(configuration: Configuration): Configuration {
  const { settings } = configuration;
  return {
    settings: settings === undefined ? undefined : canonicalSettings(settings),
    permissions: sortByName(configuration.permissions).map((permission) => ({
      name: permission.name,
      attributes: sortedSet(permission.attributes),
    })),
    roles: sortByName(configuration.roles).map(canonicalRole),
    projects: sortByName(configuration.projects).map(canonicalProject),
    pools: sortByName(configuration.pools),
    botGroups: sortByName(configuration.botGroups).map(canonicalBotGroup),
    groups: sortByName(configuration.groups).map(canonicalGroup),
  };
}

function canonicalSettings(settings: Settings): Settings {
  const delegations = settings.delegations.map((delegation) => ({
    group: delegation.group,
    callerGlobs: sortedSet(delegation.callerGlobs),
    permissions: sortedSet(delegation.permissions),
    realms: sortedSet(delegation.realms),
  }));
  return { ...settings, delegations: sortDelegations(delegations) };
}

function canonicalRole(role: Role): Role {
  return {
    name: role.name,
    permissions: sortedSet(role.permissions),
    includes: sortedSet(role.includes),
    unresolved: role.unresolved,
  };
}

function canonicalProject(project: Project): Project {
  return {
    name: project.name,
    customRoles: sortByName(project.customRoles).map(canonicalRole),
    realms: sortByName(project.realms).map(canonicalRealm),
  };
}

function canonicalRealm(realm: Realm): Realm {
  return {
    name: realm.name,
    extends: sortedSet(realm.extends),
    bindings: canonicalBindings(realm.bindings),
  };
}

function canonicalBotGroup(group: BotGroup): BotGroup {
  return {
    name: group.name,
    botIds: sortedSet(group.botIds),
    botIdPrefixes: sortedSet(group.botIdPrefixes),
    pools: sortedSet(group.pools),
  };
}

function canonicalGroup(group: Group): Group {
  return {
    name: group.name,
    description: group.description,
    owners: group.owners === "" ? rootGroup : group.owners,
    members: canonicalMembers(group.members),
    globs: sortedSet(group.globs),
    nested: sortedSet(group.nested),
  };
}

/** Of several spellings of one identity the first in bytewise order stays, wherever it stood. */
function canonicalMembers(members: readonly string[]): string[] {
  const byIdentity = new Map<string, string>();
  for (const member of sortBytewise(members)) {
    const folded = foldIdentity(member as Identity);
    if (!byIdentity.has(folded)) byIdentity.set(folded, member);
  }
  return [...byIdentity.values()];
}
