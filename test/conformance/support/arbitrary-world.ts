import * as fc from "fast-check";
import type { Arbitrary } from "fast-check";
import type {
  World,
  WorldBinding,
  WorldDelegation,
  WorldGroup,
  WorldProject,
  WorldRole,
  WorldSettings,
} from "../../spec/world.ts";
import * as names from "./alphabets.ts";
import { mixWorlds } from "./rearrange-world.ts";
import { repairWorld, type LooseWorld } from "./repair-world.ts";

function some(list: readonly string[], most: number): Arbitrary<readonly string[]> {
  return fc.array(fc.constantFrom(...list), { maxLength: most });
}

/** Often empty, which in a delegation means any. */
function someOrAny(list: readonly string[], most: number): Arbitrary<readonly string[]> {
  return fc.oneof(fc.constant([]), some(list, most));
}

const orUnknownGroup = fc.constantFrom("", names.unknownGroup, ...names.groups);

const arbitraryDelegation: Arbitrary<WorldDelegation> = fc.record({
  group: fc.constantFrom(names.unknownGroup, ...names.groups, ...names.groups),
  caller_globs: someOrAny(names.globs, 5),
  permissions: someOrAny(names.permissions, 10),
  realms: someOrAny([...names.likelyRealms, ...names.likelyRealms, ...names.fullRealms], 10),
});

const arbitrarySettings: Arbitrary<WorldSettings> = fc.record(
  {
    admins_group: orUnknownGroup,
    bot_bootstrap_group: orUnknownGroup,
    privileged_users_group: orUnknownGroup,
    users_group: orUnknownGroup,
    view_all_bots_group: orUnknownGroup,
    view_all_tasks_group: orUnknownGroup,
    readers_group: orUnknownGroup,
    delegations: fc.array(arbitraryDelegation, { maxLength: 6 }),
  },
  { requiredKeys: ["delegations"] },
);

function arbitraryRole(
  own: readonly string[],
  includable: readonly string[],
): Arbitrary<WorldRole> {
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

const boundRoles = [
  ...names.builtInRoles,
  "role/swarming.poolOwner",
  "role/swarming.poolUser",
  "role/swarming.taskTriggerer",
  ...names.roles,
  ...names.customRoles,
];

const arbitraryCondition = fc.record({
  attribute: fc.constantFrom(...names.attributes),
  values: some(names.values, 4),
});

/** `plain`: how many bindings have no conditions for each one that may have some. */
function arbitraryBinding(plain: number): Arbitrary<WorldBinding> {
  return fc.record({
    role: fc.constantFrom(...boundRoles),
    principals,
    conditions: fc.oneof(
      { weight: plain, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(arbitraryCondition, { maxLength: 2 }) },
    ),
  });
}

function arbitraryProject(plain: number): Arbitrary<WorldProject> {
  const includable = [...names.customRoles, ...names.roles, ...names.builtInRoles];
  return fc.record({
    name: fc.constantFrom("p", "p", ...names.projects),
    custom_roles: fc.array(arbitraryRole(names.customRoles, includable), { maxLength: 3 }),
    realms: fc.array(
      fc.record({
        name: fc.constantFrom("@root", "@root", "ci", "try", ...names.realms),
        extends: some(names.realms, 3),
        bindings: fc.array(arbitraryBinding(plain), { maxLength: 8 }),
      }),
      { maxLength: 12, size: "max" },
    ),
  });
}

const arbitraryPool = fc.record(
  {
    name: fc.constantFrom(...names.pools),
    realm: fc.oneof(fc.constantFrom(...names.likelyRealms), fc.constantFrom(...names.fullRealms)),
    default_task_realm: fc.constantFrom("", ...names.fullRealms),
  },
  { requiredKeys: ["name", "realm"] },
);

const arbitraryBotGroup = fc.record({
  bot_ids: some(names.botIds, 3),
  bot_id_prefixes: some(names.botIdPrefixes, 2),
  pools: some([...names.pools, names.unknownPool], 3),
});

const arbitraryInnerGroup: Arbitrary<WorldGroup> = fc.record({
  name: fc.constantFrom(...names.innerGroups),
  description: fc.constantFrom("", "a group"),
  owners: fc.constantFrom("", ...names.groups),
  members: some(names.identities, 8),
  globs: fc.oneof(fc.constant([]), some(names.globs, 3)),
  nested: some(names.groups, 3),
});

const arbitraryExternalGroup: Arbitrary<WorldGroup> = fc.record({
  name: fc.constantFrom(...names.externalGroups),
  members: some(names.identities, 6),
});

const arbitraryGroup = fc.oneof(
  { weight: 6, arbitrary: arbitraryInnerGroup },
  { weight: 1, arbitrary: arbitraryExternalGroup },
);

const arbitraryPermission = fc.record({ name: fc.constantFrom(...names.declarablePermissions) });

function arbitraryLooseWorld(plain: number): Arbitrary<LooseWorld> {
  const roles = arbitraryRole(names.roles, [...names.roles, ...names.builtInRoles]);
  return fc.record(
    {
      settings: arbitrarySettings,
      permissions: fc.array(arbitraryPermission, { maxLength: 2 }),
      roles: fc.array(roles, { maxLength: 3 }),
      projects: fc.array(arbitraryProject(plain), { maxLength: 6 }),
      pools: fc.array(arbitraryPool, { maxLength: 18, size: "max" }),
      bot_groups: fc.array(arbitraryBotGroup, { maxLength: 6 }),
      groups: fc.array(arbitraryGroup, { maxLength: 24, size: "max" }),
      upwards: fc.boolean(),
    },
    { requiredKeys: ["projects", "pools", "groups", "upwards"] },
  );
}

/**
 * A valid configuration over the small alphabets: random parts, of which repairWorld drops what is not
 * allowed.
 */
export const arbitraryWorld: Arbitrary<World> = arbitraryLooseWorld(8).map(repairWorld);

/** The same, with conditions on half of the bindings. */
export const arbitraryConditionalWorld: Arbitrary<World> = arbitraryLooseWorld(1).map(repairWorld);

/** A configuration, and what becomes of it when parts go, parts come, and parts are replaced. */
export const arbitraryChange: Arbitrary<readonly [before: World, after: World]> = fc
  .tuple(arbitraryLooseWorld(8), arbitraryLooseWorld(8), fc.nat())
  .map(([before, other, seed]) => [
    repairWorld(before),
    repairWorld(mixWorlds(before, other, seed)),
  ]);
