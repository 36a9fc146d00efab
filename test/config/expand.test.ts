import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { canonicalize } from "../../src/config/canonical.ts";
import { expandConfigurations } from "../../src/config/expand.ts";
import type { ExpandedBinding } from "../../src/domain/expanded.ts";
import { defaultSettings, emptyConfiguration } from "../../src/domain/model.ts";
import { builtInPermissions } from "../../src/domain/permissions.ts";
import { arbitraryConfiguration } from "./support/arbitrary-configuration.ts";
import { configurationOf, toSources } from "./support/problems.ts";

/** Each binding as `principals: permissions if conditions`. */
function bindingsOf(text: string, realm: string): string[] | undefined {
  const found = expandConfigurations([configurationOf(text)]).realms.find(
    ({ name }) => name === realm,
  );
  return found?.bindings.map(formatBinding);
}

function formatBinding({ permissions, principals, conditions }: ExpandedBinding): string {
  const text = `${principals.join(" ")}: ${permissions.join(" ")}`;
  const guards = conditions.map(({ attribute, values }) => `${attribute}=${values.join("|")}`);
  return guards.length === 0 ? text : `${text} if ${guards.join(" and ")}`;
}

describe("expandConfigurations", () => {
  it("has the built-in permissions and default settings when nothing is configured", () => {
    assert.deepEqual(expandConfigurations([]), {
      settings: defaultSettings,
      permissions: [...builtInPermissions].sort(),
      realms: [],
      pools: [],
      botGroups: [],
      groups: [],
    });
  });

  it("adds declared permissions to the built-in ones", () => {
    const text = "permissions: [{name: a.b.c}, {name: swarming.tasks.get}]";
    const { permissions } = expandConfigurations([configurationOf(text)]);
    assert.deepEqual(permissions, ["a.b.c", ...builtInPermissions].sort());
  });

  it("gives every project an @root", () => {
    assert.deepEqual(bindingsOf("projects: [{name: p}]", "p:@root"), []);
  });

  it("expands built-in, configured and custom roles with all that they include", () => {
    const text = `
permissions: [{name: a.b.c}, {name: a.b.d}]
roles:
  - {name: role/x, permissions: [a.b.c], includes: [role/swarming.poolUser]}
projects:
  - name: p
    custom_roles:
      - {name: customRole/y, permissions: [a.b.d], includes: [customRole/z]}
      - {name: customRole/z, includes: [role/x]}
    realms:
      - name: r
        bindings:
          - {role: customRole/y, principals: [user:a@x]}
          - {role: role/swarming.poolViewer, principals: [user:b@x]}
`;
    assert.deepEqual(bindingsOf(text, "p:r"), [
      "user:a@x: a.b.c a.b.d swarming.pools.createTask",
      "user:b@x: swarming.pools.listBots swarming.pools.listTasks",
    ]);
  });

  it("keeps the custom roles of projects apart", () => {
    const text = `
projects:
  - name: p
    custom_roles: [{name: customRole/x, permissions: [swarming.tasks.get]}]
    realms: [{name: r, bindings: [{role: customRole/x, principals: [user:a@x]}]}]
  - name: q
    custom_roles: [{name: customRole/x, permissions: [swarming.tasks.cancel]}]
    realms: [{name: r, bindings: [{role: customRole/x, principals: [user:a@x]}]}]
`;
    assert.deepEqual(bindingsOf(text, "p:r"), ["user:a@x: swarming.tasks.get"]);
    assert.deepEqual(bindingsOf(text, "q:r"), ["user:a@x: swarming.tasks.cancel"]);
  });

  it("grants nothing by an unresolved role, directly or included", () => {
    const text = `
roles:
  - {name: role/x, unresolved: true}
  - {name: role/y, includes: [role/x, role/swarming.poolUser]}
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - {role: role/x, principals: [user:a@x]}
          - {role: role/y, principals: [user:b@x]}
`;
    assert.deepEqual(bindingsOf(text, "p:r"), ["user:b@x: swarming.pools.createTask"]);
  });

  it("lets every realm inherit @root and, through others, what it extends", () => {
    const text = `
projects:
  - name: p
    realms:
      - {name: "@root", bindings: [{role: role/swarming.poolUser, principals: [user:root@x]}]}
      - {name: a, bindings: [{role: role/swarming.poolUser, principals: [user:a@x]}]}
      - {name: b, extends: [a], bindings: [{role: role/swarming.poolUser, principals: [user:b@x]}]}
      - {name: c, extends: [a]}
      - {name: d, extends: [b, c, "@root"]}
`;
    const permission = "swarming.pools.createTask";
    assert.deepEqual(bindingsOf(text, "p:@root"), [`user:root@x: ${permission}`]);
    assert.deepEqual(bindingsOf(text, "p:a"), [`user:a@x user:root@x: ${permission}`]);
    assert.deepEqual(bindingsOf(text, "p:c"), [`user:a@x user:root@x: ${permission}`]);
    assert.deepEqual(bindingsOf(text, "p:d"), [`user:a@x user:b@x user:root@x: ${permission}`]);
  });

  it("unites the permissions of a principal, and principals of equal permissions", () => {
    const text = `
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - {role: role/swarming.poolViewer, principals: [user:a@x, user:b@x, user:c@x]}
          - {role: role/swarming.poolUser, principals: [user:a@x, user:b@x]}
          - {role: role/swarming.poolOwner, principals: [user:d@x]}
          - {role: role/swarming.poolViewer, principals: [user:d@x]}
          - {role: role/swarming.poolOwner}
`;
    assert.deepEqual(bindingsOf(text, "p:r"), [
      "user:d@x: swarming.pools.cancelTask swarming.pools.createBot swarming.pools.deleteBot swarming.pools.listBots swarming.pools.listTasks swarming.pools.terminateBot",
      "user:a@x user:b@x: swarming.pools.createTask swarming.pools.listBots swarming.pools.listTasks",
      "user:c@x: swarming.pools.listBots swarming.pools.listTasks",
    ]);
  });

  it("never lets conditions out: they guard the whole role", () => {
    const text = `
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals: [user:a@x]
            conditions: [{attribute: branch, values: [main, dev]}]
          - role: role/swarming.poolUser
            principals: [user:b@x]
            conditions: [{attribute: branch, values: [dev, main]}]
          - role: role/swarming.poolUser
            principals: [user:c@x]
`;
    assert.deepEqual(bindingsOf(text, "p:r"), [
      "user:c@x: swarming.pools.createTask",
      "user:a@x user:b@x: swarming.pools.createTask if branch=dev|main",
    ]);
  });

  it("does not depend on the order of sources", () => {
    const sources = toSources({
      a: "roles: [{name: role/x, permissions: [swarming.tasks.get]}]\nsettings: {admins_group: g}\n",
      b: "projects: [{name: p, realms: [{name: r, bindings: [{role: role/x, principals: [group:g]}]}]}]",
      c: "groups: [{name: g}]\npools: [{name: z, realm: 'p:r'}]",
      d: "groups: [{name: f}]\npools: [{name: y, realm: 'p:r'}]",
    });
    const all = [...sources.values()];
    const expanded = expandConfigurations(all);
    assert.deepEqual(expandConfigurations(all.toReversed()), expanded);
    assert.deepEqual(
      expanded.groups.map(({ name }) => name),
      ["f", "g"],
    );
    assert.deepEqual(
      expanded.pools.map(({ name }) => name),
      ["y", "z"],
    );
    assert.equal(expanded.settings.adminsGroup, "g");
  });

  it("is the same for any order of values in the files", () => {
    fc.assert(
      fc.property(arbitraryConfiguration, (configuration) => {
        const reversed = {
          ...configuration,
          projects: configuration.projects.toReversed().map((project) => ({
            ...project,
            realms: project.realms.toReversed().map((realm) => ({
              ...realm,
              bindings: realm.bindings.toReversed(),
            })),
          })),
        };
        assert.deepEqual(
          expandConfigurations([canonicalize(reversed)]),
          expandConfigurations([canonicalize(configuration)]),
        );
      }),
    );
  });

  it("expands a chain of 1,000 realms and of 10,000 roles", () => {
    const before = (prefix: string, index: number, end: string): string[] => [
      index === 0 ? end : `${prefix}${index - 1}`,
    ];
    const roles = Array.from({ length: 10_000 }, (_, index) => ({
      name: `role/r${index}`,
      permissions: [],
      includes: before("role/r", index, "role/swarming.poolUser"),
      unresolved: false,
    }));
    const realms = Array.from({ length: 1000 }, (_, index) => ({
      name: `r${index}`,
      extends: before("r", index, "top"),
      bindings: [],
    }));
    const binding = { role: "role/r9999", principals: ["user:a@x"], conditions: [] };
    const top = { name: "top", extends: [], bindings: [binding] };
    const projects = [{ name: "p", customRoles: [], realms: [top, ...realms] }];
    const expanded = expandConfigurations([{ ...emptyConfiguration, roles, projects }]);
    const last = expanded.realms.find(({ name }) => name === "p:r999");
    assert.deepEqual(last?.bindings.map(formatBinding), ["user:a@x: swarming.pools.createTask"]);
  });
});
