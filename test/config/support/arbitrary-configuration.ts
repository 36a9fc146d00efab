import * as fc from "fast-check";
import type {
  Binding,
  Configuration,
  Group,
  Permission,
  Project,
  Realm,
  Role,
} from "../../../src/domain/model.ts";

// Configurations that are valid by construction: everything refers only to what stands before it.

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/);
const text = fc
  .string({ unit: "binary", maxLength: 12 })
  .map((value) => value.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, "~"));
const identity = fc.oneof(
  word.map((name) => `user:${name.toUpperCase()}@example.com`),
  word.map((name) => `user:${name}@example.com`),
  word.map((name) => `bot:${name}`),
  fc.constant("anonymous:anonymous"),
);
const glob = fc.oneof(
  word.map((name) => `user:*${name}*`),
  text.filter((value) => value !== "").map((value) => `service:${value}`),
);
const lines = fc.array(fc.oneof(text, fc.constant(""), fc.constant("  indented")), {
  maxLength: 4,
});

/** A record with the usual prototype, so that it can be compared deeply. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

function distinctNames(names: fc.Arbitrary<string>, maxLength = 4): fc.Arbitrary<string[]> {
  return fc.uniqueArray(names, { maxLength });
}

/** A subset of what stands before, in any order. */
function someOf(names: readonly string[]): fc.Arbitrary<string[]> {
  return fc.shuffledSubarray([...names]);
}

/** Builds one value after the other, each from its name and the names before it. */
function inOrder<T>(
  names: fc.Arbitrary<string[]>,
  build: (name: string, earlier: readonly string[]) => fc.Arbitrary<T>,
): fc.Arbitrary<T[]> {
  return names.chain((all) =>
    fc.tuple(...all.map((name, index) => build(name, all.slice(0, index)))),
  );
}

function role(
  name: string,
  includable: readonly string[],
  permissions: readonly string[],
): fc.Arbitrary<Role> {
  return record({
    name: fc.constant(name),
    permissions: someOf(permissions),
    includes: someOf(includable),
    unresolved: fc.boolean(),
  }).map((value) => (value.unresolved ? { ...value, permissions: [], includes: [] } : value));
}

function binding(roles: readonly string[], groups: readonly string[]): fc.Arbitrary<Binding> {
  const group = groups.map((name) => fc.constant(`group:${name}`));
  return record({
    role: fc.constantFrom(...roles),
    principals: fc.uniqueArray(fc.oneof(identity, ...group), { maxLength: 4 }),
    conditions: fc.array(
      record({
        attribute: fc.constantFrom("branch", "stage", "a b"),
        values: fc.uniqueArray(text, { minLength: 1, maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  });
}

function project(
  name: string,
  roles: readonly string[],
  permissions: readonly string[],
  groups: readonly string[],
): fc.Arbitrary<Project> {
  const custom = distinctNames(
    text.map((value) => `customRole/x${value}`),
    3,
  );
  return inOrder(custom, (custom, earlier) =>
    role(custom, [...roles, ...earlier], permissions),
  ).chain((customRoles) => {
    const bindable = [...roles, ...customRoles.map((value) => value.name)];
    return record({
      name: fc.constant(name),
      customRoles: fc.constant(customRoles),
      realms: inOrder(
        distinctNames(fc.oneof(word, fc.constantFrom("@root", "@legacy"))),
        (realm, earlier): fc.Arbitrary<Realm> =>
          record({
            name: fc.constant(realm),
            extends: realm === "@root" ? fc.constant([]) : someOf(earlier),
            bindings: fc.array(binding(bindable, groups), { maxLength: 4 }),
          }),
      ),
    });
  });
}

function group(name: string, earlier: readonly string[]): fc.Arbitrary<Group> {
  return record({
    name: fc.constant(name),
    description: lines.map((all) => all.join("\n")),
    owners: fc.constantFrom("", "administrators", name, ...earlier),
    members: fc.uniqueArray(identity, { maxLength: 6, selector: (value) => value.toLowerCase() }),
    globs: fc.uniqueArray(glob, { maxLength: 3 }),
    nested: someOf(earlier),
  });
}

const permissions: fc.Arbitrary<Permission[]> = inOrder(
  distinctNames(word.map((name) => `svc.${name}.do`)),
  (name) =>
    record({
      name: fc.constant(name),
      attributes: fc.uniqueArray(
        text.filter((value) => value !== ""),
        { maxLength: 2 },
      ),
    }),
);

/** A valid configuration, not in canonical form. */
export const arbitraryConfiguration: fc.Arbitrary<Configuration> = record({
  permissions,
  groups: inOrder(distinctNames(word, 6), group),
})
  .chain(({ permissions, groups }) => {
    const declared = [...permissions.map(({ name }) => name), "swarming.tasks.get"];
    const roleNames = distinctNames(text.map((value) => `role/x${value}`));
    const builtIn = ["role/swarming.poolUser", "role/swarming.poolOwner"];
    return record({
      permissions: fc.constant(permissions),
      groups: fc.constant(groups),
      roles: inOrder(roleNames, (name, earlier) => role(name, [...builtIn, ...earlier], declared)),
    });
  })
  .chain(({ permissions, groups, roles }) => {
    const declared = [...permissions.map(({ name }) => name), "swarming.tasks.get"];
    const bindable = ["role/swarming.poolUser", ...roles.map(({ name }) => name)];
    const groupNames = groups.map(({ name }) => name);
    const groupOrNone = fc.constantFrom("", ...groupNames);
    const realm = word.map((name) => `${name}:@root`);
    return record({
      permissions: fc.constant(permissions),
      groups: fc.constant(groups),
      roles: fc.constant(roles),
      settings: fc.option(
        record({
          adminsGroup: groupOrNone,
          botBootstrapGroup: groupOrNone,
          privilegedUsersGroup: groupOrNone,
          usersGroup: groupOrNone,
          viewAllBotsGroup: groupOrNone,
          viewAllTasksGroup: groupOrNone,
          readersGroup: groupOrNone,
          reasonRequired: fc.boolean(),
          delegations: fc.array(
            record({
              group: fc.constantFrom("administrators", ...groupNames),
              callerGlobs: fc.uniqueArray(glob, { maxLength: 2 }),
              permissions: someOf(declared),
              realms: fc.uniqueArray(realm, { maxLength: 2 }),
            }),
            { maxLength: 3 },
          ),
        }),
        { nil: undefined },
      ),
      projects: inOrder(distinctNames(word), (name) =>
        project(name, bindable, declared, groupNames),
      ),
      pools: inOrder(distinctNames(text.map((value) => `p${value.replaceAll(":", "")}x`)), (name) =>
        record({
          name: fc.constant(name),
          realm,
          defaultTaskRealm: fc.oneof(fc.constant(""), realm),
        }),
      ),
      botGroups: inOrder(distinctNames(word), (name) =>
        record({
          name: fc.constant(name),
          botIds: fc.constantFrom([`${name}!{1..3}`], [`${name}!`, `${name}!a`]),
          botIdPrefixes: fc.constantFrom([], [`${name}#b`, `${name}#a`]),
          pools: fc.uniqueArray(word, { maxLength: 3 }),
        }),
      ),
    });
  });
