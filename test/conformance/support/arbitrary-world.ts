import fc from "fast-check";
import type { World } from "../../spec/world.ts";
import * as names from "./alphabets.ts";
import { mixWorlds } from "./rearrange-world.ts";
import { repairWorld, type LooseWorld } from "./repair-world.ts";

function some<T>(list: readonly T[], most: number): fc.Arbitrary<T[]> {
  return fc.array(fc.constantFrom(...list), { maxLength: most });
}

const orUnknownGroup = fc.constantFrom("", names.unknownGroup, ...names.groups);

const arbitraryDelegation = fc.record({
  group: fc.constantFrom(names.unknownGroup, ...names.groups, ...names.groups),
  caller_globs: some(names.globs, 3),
  permissions: some(names.permissions, 4),
  realms: some(names.fullRealms, 12),
});

const arbitrarySettings = fc.record(
  {
    admins_group: orUnknownGroup,
    bot_bootstrap_group: orUnknownGroup,
    privileged_users_group: orUnknownGroup,
    users_group: orUnknownGroup,
    view_all_bots_group: orUnknownGroup,
    view_all_tasks_group: orUnknownGroup,
    delegations: fc.array(arbitraryDelegation, { maxLength: 4 }),
  },
  { requiredKeys: ["delegations"] },
);

function arbitraryRole(own: readonly string[], includable: readonly string[]) {
  return fc.record({
    name: fc.constantFrom(...own),
    permissions: some(names.permissions, 6),
    includes: some(includable, 2),
    unresolved: fc.nat(9).map((dice) => dice === 0),
  });
}

const principals = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names.groups.map((name) => `group:${name}`)) },
    { weight: 4, arbitrary: fc.constantFrom(...names.identities) },
    { weight: 1, arbitrary: fc.constant(`group:${names.unknownGroup}`) },
  ),
  { maxLength: 8 },
);

const arbitraryCondition = fc.record({
  attribute: fc.constantFrom(...names.attributes),
  values: some(names.values, 3),
});

const arbitraryBinding = fc.record({
  role: fc.constantFrom(
    ...names.builtInRoles,
    "role/swarming.poolOwner",
    "role/swarming.poolUser",
    "role/swarming.taskTriggerer",
    ...names.roles,
    ...names.customRoles,
  ),
  principals,
  conditions: fc.oneof(
    { weight: 8, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(arbitraryCondition, { maxLength: 2 }) },
  ),
});

const arbitraryProject = fc.record({
  name: fc.constantFrom("p", "p", ...names.projects),
  custom_roles: fc.array(
    arbitraryRole(names.customRoles, [...names.customRoles, ...names.roles, ...names.builtInRoles]),
    { maxLength: 3 },
  ),
  realms: fc.array(
    fc.record({
      name: fc.constantFrom("@root", "@root", "ci", "try", ...names.realms),
      extends: some(names.realms, 3),
      bindings: fc.array(arbitraryBinding, { maxLength: 8 }),
    }),
    { maxLength: 12, size: "max" },
  ),
});

const arbitraryGroup = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      name: fc.constantFrom(...names.innerGroups),
      description: fc.constantFrom("", "a group"),
      owners: fc.constantFrom("", ...names.groups),
      members: some(names.identities, 8),
      globs: fc.oneof(
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: some(names.globs, 3) },
      ),
      nested: some(names.groups, 3),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      name: fc.constantFrom(...names.externalGroups),
      members: some(names.identities, 6),
    }),
  },
);

const arbitraryLooseWorld: fc.Arbitrary<LooseWorld> = fc.record(
  {
    settings: arbitrarySettings,
    permissions: fc.array(fc.record({ name: fc.constantFrom(...names.declarablePermissions) }), {
      maxLength: 2,
    }),
    roles: fc.array(arbitraryRole(names.roles, [...names.roles, ...names.builtInRoles]), {
      maxLength: 3,
    }),
    projects: fc.array(arbitraryProject, { maxLength: 6 }),
    pools: fc.array(
      fc.record(
        {
          name: fc.constantFrom(...names.pools),
          realm: fc.oneof(
            fc.constantFrom(...names.likelyRealms),
            fc.constantFrom(...names.fullRealms),
          ),
          default_task_realm: fc.constantFrom("", ...names.fullRealms),
        },
        { requiredKeys: ["name", "realm"] },
      ),
      { maxLength: 18, size: "max" },
    ),
    bot_groups: fc.array(
      fc.record({
        bot_ids: some(names.botIds, 3),
        bot_id_prefixes: some(names.botIdPrefixes, 2),
        pools: some([...names.pools, names.unknownPool], 3),
      }),
      { maxLength: 6 },
    ),
    groups: fc.array(arbitraryGroup, { maxLength: 24, size: "max" }),
    upwards: fc.boolean(),
  },
  { requiredKeys: ["projects", "pools", "groups", "upwards"] },
);

/**
 * A valid configuration over the small alphabets: random parts, of which repairWorld drops what is not
 * allowed.
 */
export const arbitraryWorld: fc.Arbitrary<World> = arbitraryLooseWorld.map(repairWorld);

/** A configuration, and what becomes of it when parts go, parts come, and parts are replaced. */
export const arbitraryChange: fc.Arbitrary<readonly [before: World, after: World]> = fc
  .tuple(arbitraryLooseWorld, arbitraryLooseWorld, fc.nat())
  .map(([before, other, seed]) => [
    repairWorld(before),
    repairWorld(mixWorlds(before, other, seed)),
  ]);
