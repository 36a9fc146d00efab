import { swarmingPermissions } from "../../domain/permissions.ts";
import { sortedSet } from "../../domain/bytewise.ts";
import { implicitBindings, isBuiltInRole, swarmingPartOf } from "./known-roles.ts";
import type { PlacedText } from "./message-reader.ts";
import type { LuciBinding, LuciCustomRole, LuciRealm, RealmsCfg } from "./realms-cfg.ts";

/** A configuration of one project, in the field names of the files; empty lists are left out. */
export interface ImportedConfig {
  readonly permissions?: readonly { readonly name: string }[];
  readonly roles?: readonly ImportedRole[];
  readonly projects: readonly [ImportedProject];
}

/** A role; one that is neither custom nor resolved has no permissions of its own. */
export interface ImportedRole {
  readonly name: string;
  readonly permissions?: readonly string[];
  readonly includes?: readonly string[];
  readonly unresolved?: true;
}

/** The project. */
export interface ImportedProject {
  readonly name: string;
  readonly custom_roles?: readonly ImportedRole[];
  readonly realms: readonly ImportedRealm[];
}

/** A realm. */
export interface ImportedRealm {
  readonly name: string;
  readonly extends?: readonly string[];
  readonly bindings?: readonly ImportedBinding[];
}

/** A binding. */
export interface ImportedBinding {
  readonly role: string;
  readonly principals: readonly string[];
  readonly conditions?: readonly { readonly attribute: string; readonly values: string[] }[];
}

/**
 * Our configuration for a realms.cfg without problems. A binding that is partly unknown is left out: its
 * unknown part might narrow it. `extends: "@root"` is left out: every realm inherits from it.
 */
export function toFleetConfig(project: string, cfg: RealmsCfg): ImportedConfig {
  const used = cfg.customRoles.flatMap((role) => role.permissions.map(({ text }) => text));
  const permissions = sortedSet(used).filter(
    (name) => !(swarmingPermissions as readonly string[]).includes(name),
  );
  const realms = addImplicitBindings(project, cfg.realms.map(toRealm));
  const customRoles = cfg.customRoles.map(toCustomRole);
  const bound = realms.flatMap(({ bindings = [] }) => bindings.map(({ role }) => role));
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
    projects: [{ name: project, ...whenFilled("custom_roles", customRoles), realms }],
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

function whenFilled<K extends string, V>(
  key: K,
  list: readonly V[],
): Partial<Record<K, readonly V[]>> {
  return list.length === 0 ? {} : ({ [key]: list } as Partial<Record<K, readonly V[]>>);
}
