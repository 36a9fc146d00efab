import type {
  World,
  WorldBinding,
  WorldBotGroup,
  WorldGroup,
  WorldProject,
  WorldRealm,
  WorldRole,
} from "../../spec/world.ts";
import { builtInPermissions, builtInRoles } from "./alphabets.ts";

/** A world whose parts are well-formed but may not fit together; its bot groups have no names yet. */
export interface LooseWorld extends Omit<World, "bot_groups"> {
  readonly bot_groups?: readonly Omit<WorldBotGroup, "name">[];
  /** Which way references among equals may go, so that both orders occur and cycles do not. */
  readonly upwards: boolean;
}

/**
 * Drops what no configuration may hold: the second entity of a name, references to what is not defined or
 * to oneself, references against the direction, bots and prefixes in two places.
 */
export function repairWorld(loose: LooseWorld): World {
  const { upwards, ...world } = loose;
  const permissions = uniqueByName(world.permissions ?? []);
  const declared: readonly string[] = [...builtInPermissions, ...permissions.map(nameOf)];
  const mayRefer = (from: string, to: string): boolean => (upwards ? from < to : from > to);

  const fitRoles = (list: readonly WorldRole[], outer: readonly string[]): readonly WorldRole[] => {
    const roles = uniqueByName(list);
    const own = roles.map(nameOf);
    return roles.map((role) => {
      if (role.unresolved === true) return { name: role.name, unresolved: true };
      const known = (name: string): boolean =>
        outer.includes(name) || (own.includes(name) && mayRefer(role.name, name));
      return {
        name: role.name,
        permissions: (role.permissions ?? []).filter((name) => declared.includes(name)),
        includes: unique(role.includes ?? []).filter(known),
      };
    });
  };

  const roles = fitRoles(world.roles ?? [], builtInRoles);
  const outer: readonly string[] = [...builtInRoles, ...roles.map(nameOf)];
  const projects = uniqueByName(world.projects ?? []).map((project): WorldProject => {
    const customRoles = fitRoles(project.custom_roles ?? [], outer);
    const bindable = [...outer, ...customRoles.map(nameOf)];
    const realms = uniqueByName(project.realms ?? []);
    const names = realms.map(nameOf);
    return {
      name: project.name,
      custom_roles: customRoles,
      realms: realms.map((realm): WorldRealm => {
        const parents = realm.name === "@root" ? [] : unique(realm.extends ?? []);
        return {
          name: realm.name,
          // `@root` extends nothing, so every other realm may extend it.
          extends: parents.filter(
            (name) => names.includes(name) && (name === "@root" || mayRefer(realm.name, name)),
          ),
          bindings: (realm.bindings ?? []).filter(({ role }: WorldBinding) =>
            bindable.includes(role),
          ),
        };
      }),
    };
  });

  const groups = uniqueByName(world.groups ?? []);
  const groupNames = groups.map(nameOf);
  return {
    ...world,
    permissions,
    roles,
    projects,
    pools: uniqueByName(world.pools ?? []),
    bot_groups: fitBotGroups(world.bot_groups ?? []),
    groups: groups.map((group): WorldGroup => {
      const { owners = "", nested = [] } = group;
      return {
        ...group,
        // Whoever owns `administrators` could make himself one, so nobody else may.
        owners: group.name !== "administrators" && groupNames.includes(owners) ? owners : "",
        nested: unique(nested).filter(
          (name) => groupNames.includes(name) && mayRefer(group.name, name),
        ),
      };
    }),
  };
}

function fitBotGroups(loose: readonly Omit<WorldBotGroup, "name">[]): readonly WorldBotGroup[] {
  const ids = new Set<string>();
  const prefixes: string[] = [];
  let hasDefault = false;
  const fitted: WorldBotGroup[] = [];
  loose.forEach((group, index) => {
    const { bot_ids: wantedIds = [], bot_id_prefixes: wantedPrefixes = [] } = group;
    const ownIds = wantedIds.filter((id) => !ids.has(id) && ids.add(id));
    const ownPrefixes = wantedPrefixes.filter((prefix) => {
      const clash = prefixes.some((other) => other.startsWith(prefix) || prefix.startsWith(other));
      if (!clash) prefixes.push(prefix);
      return !clash;
    });
    if (ownIds.length === 0 && ownPrefixes.length === 0) {
      if (hasDefault) return;
      hasDefault = true;
    }
    fitted.push({ ...group, name: `bots-${index}`, bot_ids: ownIds, bot_id_prefixes: ownPrefixes });
  });
  return fitted;
}

function nameOf(entity: { readonly name: string }): string {
  return entity.name;
}

function unique<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list)];
}

function uniqueByName<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return list.filter(
    (entity, index) => list.findIndex(({ name }) => name === entity.name) === index,
  );
}
