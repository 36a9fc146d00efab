import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testConfig, type TestedConfig } from "../../src/commands/test-config.ts";

const config = `
settings: {view_all_bots_group: seers}
groups:
  - {name: seers, members: ["user:seer@x.com"]}
  - {name: devs, members: ["user:Ann@x.com", "user:bob@x.com"], globs: ["user:dev-*@x.com"], nested: [inner]}
  - {name: inner, members: ["bot:b"]}
pools: [{name: one, realm: "p:r"}, {name: two, realm: "p:other"}]
bot_groups: [{name: vms, bot_ids: [vm1], pools: [one]}]
projects:
  - name: p
    realms:
      - name: other
      - name: r
        bindings:
          - {role: role/swarming.poolUser, principals: ["group:devs"]}
          - {role: role/swarming.poolViewer, principals: ["group:devs", "user:zed@x.com"]}
          - {role: role/swarming.taskTriggerer, principals: ["user:trigger@x.com"]}
          - {role: role/swarming.taskServiceAccount, principals: ["user:robot@x.com"]}
          - role: role/swarming.poolOwner
            principals: ["user:maybe@x.com"]
            conditions: [{attribute: a, values: [v]}]
`;

function run(...tests: readonly string[]): TestedConfig {
  const text = `tests:\n${tests.map((test) => `  - {${test}}`).join("\n")}`;
  const tested = testConfig({
    files: [{ path: "c.yaml", text: config }],
    tests: [{ path: "t.test.yaml", text }],
  });
  assert.deepEqual(tested.problems, []);
  return tested;
}

/** Each case: whether it passed, what it is about, and what came. */
function show(...tests: readonly string[]): readonly string[] {
  return (run(...tests).cases ?? []).map(
    ({ passed, about, expected, actual }) =>
      `${passed ? "ok" : "FAILED"} ${about}: ${expected}, ${actual}`,
  );
}

const listBots = "permission: swarming.pools.listBots";

describe("testConfig", () => {
  it("makes a case of each identity, permission and place", () => {
    const lines = show(
      "name: t, identities: ['user:ann@x.com', 'user:no@x.com'], permissions: [swarming.pools.createTask, swarming.pools.listBots], pools: [one, two], expect: allowed",
    );
    assert.deepEqual(lines, [
      'ok user:ann@x.com swarming.pools.createTask in pool "one": allowed, allowed',
      'FAILED user:no@x.com swarming.pools.createTask in pool "one": allowed, denied',
      'ok user:ann@x.com swarming.pools.listBots in pool "one": allowed, allowed',
      'FAILED user:no@x.com swarming.pools.listBots in pool "one": allowed, denied',
      'FAILED user:ann@x.com swarming.pools.createTask in pool "two": allowed, denied',
      'FAILED user:no@x.com swarming.pools.createTask in pool "two": allowed, denied',
      'FAILED user:ann@x.com swarming.pools.listBots in pool "two": allowed, denied',
      'FAILED user:no@x.com swarming.pools.listBots in pool "two": allowed, denied',
    ]);
  });

  const decisions: readonly (readonly [string, string, "allowed" | "denied"])[] = [
    ["the server level", `identity: 'user:seer@x.com', ${listBots}, server: true`, "allowed"],
    ["the server level alone", `identity: 'user:ann@x.com', ${listBots}, server: true`, "denied"],
    [
      "a pool by the server level",
      `identity: 'user:seer@x.com', ${listBots}, pool: two`,
      "allowed",
    ],
    [
      "a realm without the server level",
      `identity: 'user:seer@x.com', ${listBots}, realm: 'p:r'`,
      "denied",
    ],
    [
      "any permission in a realm",
      `identity: 'user:zed@x.com', ${listBots}, realm: 'p:r'`,
      "allowed",
    ],
    [
      "creating tasks in a realm",
      "identity: 'user:trigger@x.com', permission: swarming.tasks.createInRealm, realm: 'p:r'",
      "allowed",
    ],
    [
      "acting as an account",
      "identity: 'user:robot@x.com', permission: swarming.tasks.actAs, realm: 'p:r'",
      "allowed",
    ],
    ["a bot", `identity: 'user:zed@x.com', ${listBots}, bot_id: vm1--2`, "allowed"],
    ["an unknown bot", `identity: 'user:zed@x.com', ${listBots}, bot_id: vm2`, "denied"],
    [
      "a task of the submitter",
      "identity: 'user:s@x.com', permission: swarming.tasks.get, task: {submitter: 'user:s@x.com'}",
      "allowed",
    ],
    [
      "a task in a pool, by the twin",
      "identity: 'user:zed@x.com', permission: swarming.tasks.get, task: {pool: one}",
      "allowed",
    ],
    [
      "a task in a realm",
      "identity: 'user:zed@x.com', permission: swarming.tasks.get, task: {realm: 'p:r'}",
      "denied",
    ],
    [
      "a condition, which no check meets",
      "identity: 'user:maybe@x.com', permission: swarming.pools.deleteBot, pool: one",
      "denied",
    ],
  ];
  for (const [says, test, expected] of decisions) {
    it(`asks the check: ${says} is ${expected}`, () => {
      const wrong = expected === "allowed" ? "denied" : "allowed";
      const { cases } = run(
        `name: a, ${test}, expect: ${expected}`,
        `name: b, ${test}, expect: ${wrong}`,
      );
      assert.deepEqual(
        cases?.map(({ passed, actual }) => [passed, actual]),
        [
          [true, expected],
          [false, expected],
        ],
      );
    });
  }

  it("explains a failed case, and no other", () => {
    const { cases } = run(
      `name: a, identities: ['user:ann@x.com', 'user:no@x.com'], ${listBots}, pool: one, expect: denied`,
    );
    assert.deepEqual(
      cases?.map(({ explanation }) => explanation?.decision),
      [{ permitted: true }, undefined],
    );
    assert.match(cases[1]?.detail ?? "", /^Permission "swarming.pools.listBots" denied for /);
  });

  it("counts identities, globs and groups", () => {
    const place = `${listBots}, pool: one, principals`;
    assert.deepEqual(
      show(
        `name: a, ${place}: {of: identities, exactly: 5}`,
        `name: b, ${place}: {of: globs, at_most: 0}`,
        `name: c, ${place}: {of: groups, at_least: 3}`,
        `name: d, ${place}: {of: groups, at_least: 4}`,
        `name: e, ${place}: {of: groups, at_least: 1, at_most: 2}`,
      ),
      [
        'ok identities with swarming.pools.listBots in pool "one": exactly 5, 5',
        'FAILED globs with swarming.pools.listBots in pool "one": exactly 0, 1',
        'ok groups with swarming.pools.listBots in pool "one": at least 3, 3',
        'FAILED groups with swarming.pools.listBots in pool "one": at least 4, 3',
        'FAILED groups with swarming.pools.listBots in pool "one": 1 to 2, 3',
      ],
    );
  });

  it("counts the submitter of a task once", () => {
    const count = (submitter: string): string =>
      run(
        `name: a, permission: swarming.tasks.get, task: {realm: 'p:r', submitter: '${submitter}'}, principals: {of: identities, exactly: 0}`,
      ).cases?.[0]?.actual ?? "";
    assert.deepEqual([count("user:s@x.com"), count("user:Trigger@x.com")], ["2", "1"]);
  });

  it("runs nothing when the configuration or a test has an error, and tells of both", () => {
    const { problems, cases } = testConfig({
      files: [{ path: "c.yaml", text: "pools: [{name: one}]" }],
      tests: [{ path: "t.test.yaml", text: "tests: [{name: t}]" }],
    });
    assert.equal(cases, undefined);
    assert.deepEqual([...new Set(problems.map(({ file }) => file))], ["c.yaml", "t.test.yaml"]);
    const badTest = testConfig({
      files: [{ path: "c.yaml", text: config }],
      tests: [{ path: "t.test.yaml", text: "tests: [{name: t}]" }],
    });
    assert.equal(badTest.cases, undefined);
  });
});
