import { projectOfRealm } from "./names.ts";
import type { World, WorldProject, WorldRealm } from "./world.ts";

/** One change of a grant; see fleetgate.inspect.v1.Change. */
export type ChangeClaim =
  | { readonly kind: "add_member"; readonly group: string; readonly member: string }
  | {
      readonly kind: "bind";
      readonly realm: string;
      readonly role: string;
      readonly principal: string;
      readonly createRealm: boolean;
      readonly createRoleWith: readonly string[];
    };

/** The world as an admin would write it after the changes. Throws when one cannot be made as it says. */
export function applyChanges(world: World, changes: readonly ChangeClaim[]): World {
  return changes.reduce(applyChange, world);
}

function applyChange(world: World, change: ChangeClaim): World {
  if (change.kind === "add_member") {
    return {
      ...world,
      groups: replace(world.groups ?? [], change.group, (group) => ({
        ...group,
        members: [...(group.members ?? []), change.member],
      })),
    };
  }
  const name = projectOfRealm(change.realm);
  return {
    ...world,
    projects: replace(world.projects ?? [], name, (project) => bindIn(project, change)),
  };
}

function bindIn(
  project: WorldProject,
  change: Extract<ChangeClaim, { readonly kind: "bind" }>,
): WorldProject {
  const local = change.realm.slice(project.name.length + 1);
  const isWritten = (project.realms ?? []).some((realm) => realm.name === local);
  // `@root` is defined in every project, written or not.
  if (local !== "@root" && isWritten === change.createRealm) throw new Error("create_realm");
  const realms: readonly WorldRealm[] = isWritten
    ? (project.realms ?? [])
    : [...(project.realms ?? []), { name: local }];
  const customRoles = project.custom_roles ?? [];
  const isNewRole = change.createRoleWith.length > 0;
  if (isNewRole && customRoles.some((role) => role.name === change.role)) {
    throw new Error("the new role exists");
  }
  return {
    ...project,
    custom_roles: isNewRole
      ? [...customRoles, { name: change.role, permissions: change.createRoleWith }]
      : customRoles,
    realms: replace(realms, local, (realm) => ({
      ...realm,
      bindings: [...(realm.bindings ?? []), { role: change.role, principals: [change.principal] }],
    })),
  };
}

function replace<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  change: (value: T) => T,
): readonly T[] {
  if (!list.some((value) => value.name === name)) throw new Error(`nothing has the name ${name}`);
  return list.map((value) => (value.name === name ? change(value) : value));
}
