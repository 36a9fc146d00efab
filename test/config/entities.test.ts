import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { canonicalize } from "../../src/config/canonical.ts";
import { diffEntities, toEntities } from "../../src/config/entities.ts";
import type { Entity } from "../../src/domain/entity.ts";
import { arbitraryConfiguration } from "./support/arbitrary-configuration.ts";
import { configurationOf } from "./support/problems.ts";

const everything = `
settings:
  admins_group: g
  delegations: [{group: g, caller_globs: ["user:*"]}]
permissions: [{name: a.b.c}]
roles: [{name: role/x}]
projects:
  - name: p
    custom_roles: [{name: customRole/y}]
    realms:
      - name: r
        bindings:
          - {role: role/x, principals: [user:A@x], conditions: [{attribute: k, values: [v]}]}
pools: [{name: q, realm: "p:r"}]
bot_groups: [{name: b}]
groups: [{name: g, members: [user:A@x], globs: ["bot:*"], nested: [h]}, {name: h}]
`;

function keysOf(entities: readonly Entity[]): string[] {
  return entities.map(({ kind, key }) => `${kind} ${key}`);
}

describe("toEntities", () => {
  it("makes one entity of everything, with a key that says which one it is", () => {
    assert.deepEqual(keysOf(toEntities(configurationOf(everything))), [
      "settings settings",
      'delegation ["g",["user:*"],[],[]]',
      "permission a.b.c",
      "role role/x",
      "project p",
      "custom_role p/customRole/y",
      "realm p:r",
      'binding ["p:r","role/x",[["k",["v"]]]]',
      "pool q",
      "bot_group b",
      "group g",
      "group_member g user:a@x",
      "group_glob g bot:*",
      "group_nested g h",
      "group h",
    ]);
  });

  it("keeps a member as typed in the body", () => {
    const member = toEntities(configurationOf(everything)).find(
      ({ kind }) => kind === "group_member",
    );
    assert.deepEqual(member?.body, { group: "g", member: "user:A@x" });
  });

  it("never gives two entities of a kind the same key", () => {
    fc.assert(
      fc.property(arbitraryConfiguration, (configuration) => {
        const keys = keysOf(toEntities(canonicalize(configuration)));
        assert.equal(new Set(keys).size, keys.length);
      }),
    );
  });
});

describe("diffEntities", () => {
  function changesOf(before: string, after: string): string[] {
    return diffEntities(
      toEntities(configurationOf(before)),
      toEntities(configurationOf(after)),
    ).map((change) => {
      const op =
        change.before === undefined ? "create" : change.after === undefined ? "delete" : "update";
      return `${op} ${change.kind} ${change.key}`;
    });
  }

  it("makes nothing of equal configurations", () => {
    assert.deepEqual(changesOf(everything, everything), []);
  });

  it("creates, updates and deletes, in the order of kinds and keys", () => {
    const before = "groups: [{name: a, members: [user:b@x, user:C@x]}, {name: z}]\n";
    const after = "groups: [{name: a, description: d, members: [user:a@x, user:c@x]}]\n";
    assert.deepEqual(changesOf(before, after), [
      "update group a",
      "delete group z",
      "create group_member a user:a@x",
      "delete group_member a user:b@x",
      "update group_member a user:c@x",
    ]);
  });

  it("counts a binding with other principals as updated, one with other conditions as new", () => {
    const text = (binding: string): string =>
      `projects: [{name: p, realms: [{name: r, bindings: [${binding}]}]}]`;
    const role = "role: role/swarming.poolUser";
    assert.deepEqual(
      changesOf(text(`{${role}}`), text(`{${role}, principals: [user:a@x]}`)).map((change) =>
        change.slice(0, 14),
      ),
      ["update binding"],
    );
    const conditions = "conditions: [{attribute: a, values: [b]}]";
    assert.deepEqual(
      changesOf(text(`{${role}}`), text(`{${role}, ${conditions}}`)).map((change) =>
        change.slice(0, 14),
      ),
      ["create binding", "delete binding"],
    );
  });

  it("turns one configuration into the other", () => {
    fc.assert(
      fc.property(arbitraryConfiguration, arbitraryConfiguration, (first, second) => {
        const before = toEntities(canonicalize(first));
        const after = toEntities(canonicalize(second));
        const state = new Map(
          before.map((entity) => [`${entity.kind} ${entity.key}`, entity.body]),
        );
        for (const change of diffEntities(before, after)) {
          const key = `${change.kind} ${change.key}`;
          assert.deepEqual(state.get(key), change.before);
          if (change.after === undefined) state.delete(key);
          else state.set(key, change.after);
        }
        assert.deepEqual(
          state,
          new Map(after.map((entity) => [`${entity.kind} ${entity.key}`, entity.body])),
        );
      }),
    );
  });
});
