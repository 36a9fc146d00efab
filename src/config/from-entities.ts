import { sortByName } from "../domain/bytewise.ts";
import { compareBindings, sortDelegations } from "../domain/canonical-order.ts";
import type { EntityBodies, EntityKind } from "../domain/entity.ts";
import type { Policy } from "../domain/policy.ts";

/** The kinds of entities that a policy is made of. */
export type PolicyKind = Exclude<
  EntityKind,
  | "group"
  | "group_member"
  | "group_glob"
  | "group_nested"
  | "group_take_over"
  | "api_key"
  | "accepted_restore"
>;

/** Entities of a policy by kind and key. */
export type PolicyEntities = {
  readonly [K in PolicyKind]: ReadonlyMap<string, EntityBodies[K]>;
};

/** The same, to be filled. */
export type PolicyDraft = { readonly [K in PolicyKind]: Map<string, EntityBodies[K]> };

/** Creates a draft without entities. */
export function createPolicyDraft(): PolicyDraft {
  return {
    settings: new Map(),
    delegation: new Map(),
    permission: new Map(),
    role: new Map(),
    project: new Map(),
    custom_role: new Map(),
    realm: new Map(),
    binding: new Map(),
    pool: new Map(),
    bot_group: new Map(),
  };
}

/** Puts a policy in canonical form together from its entities: the inverse of toEntities. */
export function policyFromEntities(entities: PolicyEntities): Policy {
  const [settings] = entities.settings.values();
  return {
    settings: settings && {
      ...settings,
      delegations: sortDelegations([...entities.delegation.values()]),
    },
    permissions: sortByName(entities.permission.values()),
    roles: sortByName(entities.role.values()),
    projects: projectsOf(entities),
    pools: sortByName(entities.pool.values()),
    botGroups: sortByName(entities.bot_group.values()),
  };
}

function projectsOf(entities: PolicyEntities): Policy["projects"] {
  const roles = Map.groupBy(entities.custom_role.values(), ({ project }) => project);
  const realms = Map.groupBy(entities.realm.values(), ({ project }) => project);
  const bindings = Map.groupBy(
    entities.binding.values(),
    ({ project, realm }) => `${project}:${realm}`,
  );
  return sortByName(entities.project.values()).map(({ name }) => ({
    name,
    customRoles: sortByName(roles.get(name) ?? []).map(({ project: _project, ...role }) => role),
    realms: sortByName(realms.get(name) ?? []).map((realm) => ({
      name: realm.name,
      extends: realm.extends,
      bindings: (bindings.get(`${name}:${realm.name}`) ?? [])
        .map(({ role, principals, conditions }) => ({ role, principals, conditions }))
        .sort(compareBindings),
    })),
  }));
}
