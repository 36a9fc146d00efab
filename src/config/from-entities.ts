import { sortByName } from "../domain/bytewise.ts";
import { compareBindings, sortDelegations } from "../domain/canonical-order.ts";
import type { EntityBodies, EntityKind } from "../domain/entity.ts";
import type { Project } from "../domain/model.ts";
import type { Policy } from "../domain/policy.ts";
import { finish, forEachInSteps, type Steps } from "../domain/steps.ts";

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
  return finish(policyFromEntitiesInSteps(entities));
}

/** The same, project by project. */
export function* policyFromEntitiesInSteps(entities: PolicyEntities): Steps<Policy> {
  const [settings] = entities.settings.values();
  return {
    settings: settings && {
      ...settings,
      delegations: sortDelegations([...entities.delegation.values()]),
    },
    permissions: sortByName(entities.permission.values()),
    roles: sortByName(entities.role.values()),
    projects: yield* projectsOf(entities),
    pools: sortByName(entities.pool.values()),
    botGroups: sortByName(entities.bot_group.values()),
  };
}

function* projectsOf(entities: PolicyEntities): Steps<Policy["projects"]> {
  const roles = Map.groupBy(entities.custom_role.values(), ({ project }) => project);
  const realms = Map.groupBy(entities.realm.values(), ({ project }) => project);
  const bindings = yield* bindingsByRealm(entities.binding.values());
  const projects: Project[] = [];
  for (const { name } of sortByName(entities.project.values())) {
    yield;
    projects.push({
      name,
      customRoles: sortByName(roles.get(name) ?? []).map(({ project: _project, ...role }) => role),
      realms: sortByName(realms.get(name) ?? []).map((realm) => ({
        name: realm.name,
        extends: realm.extends,
        bindings: (bindings.get(`${name}:${realm.name}`) ?? [])
          .map(({ role, principals, conditions }) => ({ role, principals, conditions }))
          .sort(compareBindings),
      })),
    });
  }
  return projects;
}

type BindingBody = EntityBodies["binding"];

function* bindingsByRealm(
  bodies: Iterable<BindingBody>,
): Steps<ReadonlyMap<string, readonly BindingBody[]>> {
  const byRealm = new Map<string, BindingBody[]>();
  yield* forEachInSteps(bodies, (body) => {
    const name = `${body.project}:${body.realm}`;
    const list = byRealm.get(name);
    if (list === undefined) byRealm.set(name, [body]);
    else list.push(body);
  });
  return byRealm;
}
