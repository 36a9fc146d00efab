import { builtInPermissions } from "../../domain/permissions.ts";
import { sortedSet } from "../../domain/bytewise.ts";
import {
  whenFilled,
  type ImportedBinding,
  type ImportedConfig,
  type ImportedProject,
  type ImportedRealm,
  type ImportedRole,
} from "./imported-config.ts";
import { implicitBindings, isBuiltInRole, swarmingPartOf } from "./known-roles.ts";
import type { PlacedText } from "./message-reader.ts";
import type { LuciBinding, LuciCustomRole, LuciRealm, RealmsCfg } from "./realms-cfg.ts";

/**
 * Our project for a realms.cfg without problems. A binding that is partly unknown is left out: its
 * unknown part might narrow it. `extends: "@root"` is left out: every realm inherits from it.
 */
export function toProject(name: string, cfg: RealmsCfg): ImportedProject {
  const realms = addImplicitBindings(name, cfg.realms.map(toRealm));
  return { name, ...whenFilled("custom_roles", cfg.customRoles.map(toCustomRole)), realms };
}

/** The permissions and roles that projects need and that are not built in: each once, however many need it. */
export function toDeploymentRoles(
  projects: readonly ImportedProject[],
): Pick<ImportedConfig, "permissions" | "roles"> {
  const customRoles = projects.flatMap((project) => project.custom_roles ?? []);
  const used = customRoles.flatMap((role) => role.permissions ?? []);
  const permissions = sortedSet(used).filter((name) => !builtInPermissions.includes(name));
  const bound = projects.flatMap(({ realms }) =>
    realms.flatMap(({ bindings = [] }) => bindings.map(({ role }) => role)),
  );
  const extended = customRoles.flatMap(({ includes = [] }) => includes);
  const roles = sortedSet([...bound, ...extended])
    .filter((name) => !isBuiltInRole(name) && !name.startsWith("customRole/"))
    .map(toForeignRole);
  return {
    ...whenFilled(
      "permissions",
      permissions.map((name) => ({ name })),
    ),
    ...whenFilled("roles", roles),
  };
}

function toForeignRole(name: string): ImportedRole {
  const includes = swarmingPartOf(name);
  return includes === undefined ? { name, unresolved: true } : { name, includes };
}

function toCustomRole(role: LuciCustomRole): ImportedRole {
  return {
    name: role.name.text,
    ...whenFilled("permissions", distinct(role.permissions)),
    ...whenFilled("includes", distinct(role.extends)),
  };
}

function toRealm(realm: LuciRealm): ImportedRealm {
  const parents = distinct(realm.extends).filter((name) => name !== "@root");
  const bindings = realm.bindings.filter((binding) => !binding.isPartlyUnknown).map(toBinding);
  return {
    name: realm.name.text,
    ...whenFilled("extends", parents),
    ...whenFilled("bindings", bindings),
  };
}

function toBinding(binding: LuciBinding): ImportedBinding {
  const conditions = binding.conditions.map(({ attribute, values }) => ({
    attribute: attribute.text,
    values: distinct(values),
  }));
  return {
    role: binding.role.text,
    principals: distinct(binding.principals),
    ...whenFilled("conditions", conditions),
  };
}

/** Appends the implicit bindings to `@root`, which stands first when the file does not declare it. */
function addImplicitBindings(
  project: string,
  realms: readonly ImportedRealm[],
): readonly ImportedRealm[] {
  const implicit = implicitBindings(project);
  if (implicit.length === 0) return realms;
  const all = realms.some(({ name }) => name === "@root") ? realms : [{ name: "@root" }, ...realms];
  return all.map((realm: ImportedRealm) =>
    realm.name === "@root"
      ? { ...realm, bindings: [...(realm.bindings ?? []), ...implicit] }
      : realm,
  );
}

function distinct(places: readonly PlacedText[]): string[] {
  return [...new Set(places.map(({ text }) => text))];
}
