import { isPrincipal } from "./membership.ts";
import { projectOfRealm } from "./names.ts";
import { isDeclared, roleGrants } from "./roles.ts";
import type { World, WorldBinding, WorldCondition, WorldProject, WorldRealm } from "./world.ts";

/** The attributes of a check, by name. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Whether an identity has a permission in a realm. The realm is used alone with all that it inherits; one
 * that is not defined is answered by `@root` of its project, and denied when that is not defined either.
 */
export function hasPermission(
  world: World,
  identity: string,
  permission: string,
  realmName: string,
  attributes: Attributes = {},
): boolean {
  if (!isDeclared(world, permission)) return false;
  const project = (world.projects ?? []).find(({ name }) => name === projectOfRealm(realmName));
  if (project === undefined) return false;
  const local = realmName.slice(project.name.length + 1);
  const realm = findRealm(project, local) ?? findRealm(project, "@root");
  if (realm === undefined) return false;
  return bindingsOf(project, realm).some(
    (binding) =>
      roleGrants(world, project, binding.role, permission) &&
      (binding.conditions ?? []).every((condition) => holds(condition, attributes)) &&
      isPrincipal(world, identity, binding.principals ?? []),
  );
}

function findRealm(project: WorldProject, local: string): WorldRealm | undefined {
  return (project.realms ?? []).find(({ name }) => name === local);
}

/** The bindings of a realm: its own, those of `@root`, and those of the realms that it extends. */
function bindingsOf(project: WorldProject, realm: WorldRealm): readonly WorldBinding[] {
  const root = realm.name === "@root" ? [] : ["@root"];
  const ancestors = [...root, ...(realm.extends ?? [])];
  return [
    ...(realm.bindings ?? []),
    ...ancestors.flatMap((local) => {
      const ancestor = findRealm(project, local);
      return ancestor === undefined ? [] : bindingsOf(project, ancestor);
    }),
  ];
}

/** An attribute that is missing has none of the values; one that is empty has the value "". */
function holds(condition: WorldCondition, attributes: Attributes): boolean {
  return (
    Object.hasOwn(attributes, condition.attribute) &&
    (condition.values ?? []).includes(attributes[condition.attribute] ?? "")
  );
}
