import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { canonicalize } from "../../src/config/canonical.ts";
import { arbitraryConfiguration } from "./support/arbitrary-configuration.ts";
import { configurationOf } from "./support/problems.ts";

describe("canonicalize", () => {
  it("sorts what is a set and keeps one of each", () => {
    const { permissions, groups, botGroups } = configurationOf(`
permissions: [{name: b.b.b, attributes: [y, x, y]}, {name: a.a.a}]
bot_groups: [{name: b, bot_ids: [y, x], bot_id_prefixes: [q, p], pools: [y, x]}]
groups: [{name: b, nested: [a], globs: ["user:b*", "user:*"]}, {name: a}]
`);
    assert.deepEqual(permissions, [
      { name: "a.a.a", attributes: [] },
      { name: "b.b.b", attributes: ["x", "y"] },
    ]);
    assert.deepEqual(botGroups, [
      { name: "b", botIds: ["x", "y"], botIdPrefixes: ["p", "q"], pools: ["x", "y"] },
    ]);
    assert.deepEqual(
      groups.map(({ name, globs, nested }) => ({ name, globs, nested })),
      [
        { name: "a", globs: [], nested: [] },
        { name: "b", globs: ["user:*", "user:b*"], nested: ["a"] },
      ],
    );
  });

  it("keeps one spelling of a member, wherever it stands, and makes administrators the owners", () => {
    const { groups } = configurationOf(
      "groups: [{name: a, members: [user:b@x, user:a@x, user:A@x, bot:b, bot:B]}]",
    );
    assert.deepEqual(groups, [
      {
        name: "a",
        description: "",
        owners: "administrators",
        members: ["bot:B", "bot:b", "user:A@x", "user:b@x"],
        globs: [],
        nested: [],
      },
    ]);
  });

  it("unites the bindings of one role and one set of conditions", () => {
    const { projects } = configurationOf(`
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - {role: role/swarming.poolUser, principals: [user:b@x, user:a@x]}
          - role: role/swarming.poolUser
            principals: [user:a@x]
            conditions: [{attribute: y, values: [b, a]}, {attribute: x, values: [c]}]
          - {role: role/swarming.poolUser, principals: [user:c@x, user:a@x]}
          - role: role/swarming.poolUser
            principals: [user:b@x]
            conditions: [{attribute: x, values: [c]}, {attribute: y, values: [a, b]}, {attribute: x, values: [c]}]
          - {role: role/swarming.poolOwner}
`);
    const conditions = [
      { attribute: "x", values: ["c"] },
      { attribute: "y", values: ["a", "b"] },
    ];
    const role = "role/swarming.poolUser";
    assert.deepEqual(projects[0]?.realms[0]?.bindings, [
      { role: "role/swarming.poolOwner", principals: [], conditions: [] },
      { role, principals: ["user:a@x", "user:b@x", "user:c@x"], conditions: [] },
      { role, principals: ["user:a@x", "user:b@x"], conditions },
    ]);
  });

  it("sorts delegations and keeps one of each", () => {
    const { settings } = configurationOf(`
settings:
  delegations:
    - {group: administrators, caller_globs: ["user:b", "user:a"]}
    - {group: administrators}
    - {group: administrators, caller_globs: ["user:a", "user:b"]}
`);
    assert.deepEqual(settings?.delegations, [
      { group: "administrators", callerGlobs: ["user:a", "user:b"], permissions: [], realms: [] },
      { group: "administrators", callerGlobs: [], permissions: [], realms: [] },
    ]);
  });

  it("changes nothing in a canonical form", () => {
    fc.assert(
      fc.property(arbitraryConfiguration, (configuration) => {
        const canonical = canonicalize(configuration);
        assert.deepEqual(canonicalize(canonical), canonical);
      }),
    );
  });
});
