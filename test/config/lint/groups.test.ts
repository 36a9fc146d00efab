import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lint, lintBy } from "./support.ts";

const bound = (...principals: readonly string[]): string =>
  `projects: [{name: p, realms: [{name: r, bindings: [{role: role/swarming.poolUser, principals: [${principals
    .map((it) => `"${it}"`)
    .join(", ")}]}]}]}]`;

describe("unused-group", () => {
  it("finds a group that nothing names, wherever the files name groups", () => {
    const groups = [
      "groups:",
      "  - {name: lonely, members: ['user:a@x.com'], nested: [], owners: lonely}",
      "  - {name: administrators, members: ['user:a@x.com']}",
      "  - {name: bound, nested: [nested], owners: owners}",
      "  - {name: nested, members: ['user:a@x.com']}",
      "  - {name: owners}",
      "  - {name: reading, members: ['user:a@x.com']}",
      "  - {name: asking, members: ['user:a@x.com']}",
    ].join("\n");
    const settings =
      "settings: {readers_group: reading, delegations: [{group: asking, realms: ['p:r']}]}";
    assert.deepEqual(lint(groups, bound("group:bound"), settings), [
      'a.yaml:2:12 unused-group: nothing uses the group "lonely" [bind it, nest it, or delete it]',
    ]);
  });
});

describe("unknown-group", () => {
  it("finds bindings, settings and delegations of groups that no file defines, each group once", () => {
    const text = [
      bound("group:ghosts", "group:ghosts2", "group:administrators"),
      "settings:",
      "  users_group: ghosts",
      "  delegations:",
      "    - {group: askers, realms: ['p:r']}",
    ].join("\n");
    assert.deepEqual(lintBy("unknown-group", text), [
      'a.yaml:1:96 this binding (and 1 more) names the group "ghosts", which these files do not define',
      'a.yaml:1:112 this binding names the group "ghosts2", which these files do not define',
      'a.yaml:5:15 this delegation names the group "askers", which these files do not define',
    ]);
  });

  it("suggests a group that is meant", () => {
    const [finding = ""] = lint(
      `${bound("group:develpers")}\ngroups: [{name: developers, members: ['user:a@x.com']}]`,
    );
    assert.match(finding, /\[did you mean "developers"\?\]$/);
  });
});

describe("empty-group", () => {
  it("finds what is given to groups with nobody in them, at any depth and in cycles", () => {
    const text = [
      bound("group:empty", "group:above", "group:filled"),
      "groups:",
      "  - {name: empty}",
      "  - {name: above, nested: [empty]}",
      "  - {name: filled, nested: [above, globs]}",
      "  - {name: globs, globs: ['bot:a*']}",
    ].join("\n");
    assert.deepEqual(lintBy("empty-group", text), [
      'a.yaml:1:96 this binding is for the group "empty", which has no members',
      'a.yaml:1:111 this binding is for the group "above", which has no members',
    ]);
  });

  it("does not know who is in a group that is edited by hand", () => {
    const text = `${bound("group:g")}\ngroups: [{name: g, nested: [administrators]}]`;
    assert.deepEqual(lintBy("empty-group", text), []);
  });
});

describe("broad-glob", () => {
  const broad: readonly (readonly [string, boolean])[] = [
    ["user:*", true],
    ["user:**", true],
    ["bot:*", true],
    ["anonymous:*", true],
    ["user:*@*", true],
    ["user:ann@*", true],
    ["user:ann*", true],
    ["user:*example.com", true],
    ["user:*@*example.com", true],
    ["user:*@example.*", true],
    ["user:*@*.com", true],
    ["user:*@ex*mple.com", true],
    ["user:*@*.example.com", false],
    ["user:*@example.com", false],
    ["user:ann*@example.com", false],
    ["user:ann@example.com", false],
    ["bot:vm-*", false],
    ["service:*.example", false],
  ];
  for (const [glob, isBroad] of broad) {
    it(`${isBroad ? "finds" : "passes over"} ${glob}`, () => {
      const found = lintBy("broad-glob", `groups: [{name: g, globs: ['${glob}']}]`);
      assert.equal(found.length, isBroad ? 1 : 0);
      if (isBroad) assert.ok(found[0]?.startsWith(`a.yaml:1:28 the glob "${glob}" matches `));
    });
  }

  it("looks into delegations too", () => {
    const text = "settings: {delegations: [{group: administrators, caller_globs: ['user:*']}]}";
    assert.deepEqual(lintBy("broad-glob", text), [
      'a.yaml:1:65 the glob "user:*" matches every user',
    ]);
  });
});
