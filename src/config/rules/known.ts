import type { Configuration } from "../../domain/model.ts";
import { rootGroup } from "../../domain/names.ts";
import { builtInPermissions } from "../../domain/permissions.ts";
import { builtInRoles } from "../../domain/roles.ts";
import type { LocatedConfig } from "../located-config.ts";

/** The names of all that there is: built in, in the files, or managed by another source. */
export interface Known {
  readonly permissions: ReadonlySet<string>;
  /** Roles named `role/...`. */
  readonly roles: ReadonlySet<string>;
  /** Groups; `administrators` always exists. */
  readonly groups: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  /** Full names of realms; `@root` of a project always exists. */
  readonly realms: ReadonlySet<string>;
}

interface Named {
  readonly name: string;
}

/** What of a configuration declares names. */
interface Declaring {
  readonly permissions: readonly Named[];
  readonly roles: readonly Named[];
  readonly groups: readonly Named[];
  readonly pools: readonly Named[];
  readonly projects: readonly (Named & { readonly realms: readonly Named[] })[];
}

/** Collects the names of files and of other sources. */
export function collectKnown(config: LocatedConfig, others: Iterable<Configuration>): Known {
  return knownIn([valuesOf(config), ...others]);
}

/** Collects the names of configurations. */
export function knownIn(configurations: Iterable<Declaring>): Known {
  const permissions = new Set<string>(builtInPermissions);
  const roles = new Set(builtInRoles.map((role) => role.name));
  const groups = new Set([rootGroup]);
  const pools = new Set<string>();
  const realms = new Set<string>();
  for (const part of configurations) {
    for (const permission of part.permissions) permissions.add(permission.name);
    for (const role of part.roles) roles.add(role.name);
    for (const group of part.groups) groups.add(group.name);
    for (const pool of part.pools) pools.add(pool.name);
    for (const project of part.projects) {
      realms.add(`${project.name}:@root`);
      for (const realm of project.realms) realms.add(`${project.name}:${realm.name}`);
    }
  }
  return { permissions, roles, groups, pools, realms };
}

function valuesOf(config: LocatedConfig): Declaring {
  return {
    permissions: config.permissions.map(({ value }) => value),
    roles: config.roles.map(({ value }) => value),
    groups: config.groups.map(({ value }) => value),
    pools: config.pools.map(({ value }) => value),
    projects: config.projects.map(({ value }) => value),
  };
}
