import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maxTestCases } from "../../../src/config/policy-tests/check-test.ts";
import type { PolicyTest } from "../../../src/config/policy-tests/policy-test.ts";
import { readTestFiles } from "../../../src/config/policy-tests/read-test-files.ts";
import { isTestFile } from "../../../src/config/policy-tests/test-file-name.ts";
import { configurationOf, formatProblem } from "../support/problems.ts";

const configuration = configurationOf(
  "pools: [{name: one, realm: 'p:r'}, {name: two, realm: 'p:r'}]\nprojects: [{name: p, realms: [{name: r}]}]",
);

function problemsOf(...tests: readonly string[]): readonly string[] {
  const text = `tests:\n${tests.map((test) => `  - ${test}`).join("\n")}`;
  const read = readTestFiles([{ path: "t.test.yaml", text }], configuration);
  const { problems } = read;
  assert.equal(
    read.tests === undefined,
    problems.some(({ severity }) => severity === "error"),
  );
  return problems.map(formatProblem);
}

/** Without the place and the hint. */
function messagesOf(test: string): readonly string[] {
  return problemsOf(`{${test}}`).map((line) => line.replace(/^.*?: /, "").replace(/ \[.*\]$/, ""));
}

function read(test: string): PolicyTest | undefined {
  const { tests, problems } = readTestFiles(
    [{ path: "t.test.yaml", text: `tests: [{name: t, ${test}}]` }],
    configuration,
  );
  assert.deepEqual(problems, []);
  return tests?.[0];
}

const bots = "permission: swarming.pools.listBots";
const ann = "identity: 'user:ann@x.com'";
const good = `name: t, ${ann}, ${bots}, pool: one, expect: allowed`;

describe("readTestFiles", () => {
  it("reads every kind of place", () => {
    const get = "permission: swarming.tasks.get";
    const placesOf = (text: string): unknown => read(`${ann}, expect: denied, ${text}`)?.places;
    assert.deepEqual(placesOf(`${bots}, server: true`), [{ kind: "server" }]);
    assert.deepEqual(placesOf(`${bots}, pool: one`), [{ kind: "pool", pool: "one" }]);
    assert.deepEqual(placesOf(`${bots}, pools: [one, two]`), [
      { kind: "pool", pool: "one" },
      { kind: "pool", pool: "two" },
    ]);
    assert.deepEqual(placesOf(`${bots}, realm: 'p:r'`), [{ kind: "realm", realm: "p:r" }]);
    assert.deepEqual(placesOf(`${bots}, bot_id: vm1`), [{ kind: "bot", botId: "vm1" }]);
    const task = { taskId: "test", realm: "", pool: "", botId: "", submitter: "" };
    assert.deepEqual(placesOf(`${get}, task: {}`), [{ kind: "task", task }]);
    assert.deepEqual(
      placesOf(
        `${get}, task: {task_id: a, realm: 'p:r', pool: one, bot_id: b, submitter: 'user:S@x'}`,
      ),
      [
        {
          kind: "task",
          task: { taskId: "a", realm: "p:r", pool: "one", botId: "b", submitter: "user:S@x" },
        },
      ],
    );
  });

  it("reads identities and permissions, one or several", () => {
    const { permissions, claim } = read(
      `identities: ['user:a@x', 'bot:b'], permissions: [swarming.tasks.get, swarming.tasks.cancel], task: {}, expect: denied`,
    ) ?? { permissions: [], claim: undefined };
    assert.deepEqual(permissions, ["swarming.tasks.get", "swarming.tasks.cancel"]);
    assert.deepEqual(claim, {
      kind: "decision",
      identities: ["user:a@x", "bot:b"],
      expect: "denied",
    });
  });

  it("reads counts; a count of 0 is a count", () => {
    const countOf = (text: string): unknown =>
      read(`${bots}, server: true, principals: {${text}}`)?.claim;
    const count = { kind: "count", of: "globs" };
    assert.deepEqual(countOf("of: globs, exactly: 0"), { ...count, least: 0, most: 0 });
    assert.deepEqual(countOf("of: globs, at_least: 2"), { ...count, least: 2, most: undefined });
    assert.deepEqual(countOf("of: globs, at_most: 0"), { ...count, least: 0, most: 0 });
    assert.deepEqual(countOf("of: globs, at_least: 1, at_most: 3"), {
      ...count,
      least: 1,
      most: 3,
    });
  });

  it("says where a test stands", () => {
    const text = "# a comment\ntests:\n  - name: first\n    server: true\n";
    const rest = `    ${ann}\n    ${bots}\n    expect: denied`;
    const { tests } = readTestFiles([{ path: "t.test.yaml", text: text + rest }], configuration);
    assert.deepEqual(
      tests?.map(({ file, line, column }) => [file, line, column]),
      [["t.test.yaml", 3, 5]],
    );
  });

  it("locates a problem by file, line and column, with a hint", () => {
    assert.deepEqual(
      problemsOf(`{${good}}`, `{name: u, identity: ann@x.com, ${bots}, pool: onee, expct: denied}`),
      [
        'error t.test.yaml:3:25 tests[1].identity: "ann@x.com" is not an identity [people are written as "user:name@domain"]',
        'error t.test.yaml:3:79 tests[1].pool: no pool is named "onee" [did you mean "one"?]',
        'error t.test.yaml:3:85 tests[1].expct: unknown field "expct" [did you mean "expect"?]',
      ],
    );
  });

  const bad: readonly (readonly [string, readonly string[]])[] = [
    [
      "",
      [
        "name is missing",
        "no permission is named",
        "no place is named",
        "the test asserts nothing",
      ],
    ],
    [`name: t, ${ann}, ${bots}, pool: one`, ["the test asserts nothing"]],
    [`name: t, ${ann}, ${bots}, pool: one, expect: yes`, ['expect "yes" is malformed']],
    [`name: t, ${ann}, ${bots}, pool: one, expect: true`, ["wants a text, found the boolean true"]],
    [`name: t, ${bots}, pool: one, expect: denied`, ["no identity is named"]],
    [`name: t, identity: ann, ${bots}, pool: one, expect: denied`, ['"ann" is not an identity']],
    [
      `name: t, identities: [ann], ${bots}, pool: one, expect: denied`,
      ['"ann" is not an identity'],
    ],
    [
      `name: t, ${ann}, permission: listBots, pool: one, expect: denied`,
      ['"listBots" is not a permission'],
    ],
    [`name: t, ${ann}, ${bots}, expect: denied`, ["no place is named"]],
    [`name: t, ${ann}, ${bots}, server: false, expect: denied`, ["no place is named"]],
    [`${good}, realm: 'p:r'`, ["pool and realm exclude each other"]],
    [`${good}, server: true`, ["server and pool exclude each other"]],
    [`${good}, pools: [two]`, ["pool and pools exclude each other"]],
    [`${good}, identities: ['bot:b']`, ["identity and identities exclude each other"]],
    [
      `${good}, permissions: [swarming.tasks.get]`,
      ["permission and permissions exclude each other"],
    ],
    [`${good}, principals: {of: globs, exactly: 0}`, ["expect and principals exclude each other"]],
    [
      `name: t, ${ann}, ${bots}, pool: one, principals: {of: globs, exactly: 0}`,
      ["a count of principals names nobody"],
    ],
    [`name: t, ${bots}, pool: one, principals: {of: globs}`, ["the count asserts nothing"]],
    [`name: t, ${bots}, pool: one, principals: {exactly: 1}`, ["of is missing"]],
    [
      `name: t, ${bots}, pool: one, principals: {of: users, exactly: 1}`,
      ['of "users" is malformed'],
    ],
    [
      `name: t, ${bots}, pool: one, principals: {of: globs, exactly: 1, at_most: 2}`,
      ["exactly excludes at_least and at_most"],
    ],
    [
      `name: t, ${bots}, pool: one, principals: {of: globs, at_least: 3, at_most: 2}`,
      ["no number is at least 3 and at most 2"],
    ],
    [`name: t, ${bots}, pool: one, principals: {of: globs, at_most: -1}`, ["at_most is negative"]],
    [
      `name: t, ${bots}, pool: one, principals: {of: globs, exactly: 2147483648}`,
      ["wants a whole number of at most 2147483647, found the number 2147483648"],
    ],
    [
      `name: t, ${bots}, pool: one, principals: {of: globs, exactly: "1"}`,
      ['wants a whole number of at most 2147483647, found the text "1"'],
    ],
    [
      `name: t, ${ann}, permission: svc.res.get, pool: one, expect: denied`,
      ['no permission is named "svc.res.get"'],
    ],
    [
      `name: t, ${ann}, ${bots}, task: {}, expect: denied`,
      ['"swarming.pools.listBots" is no permission on a task'],
    ],
    [`name: t, ${ann}, ${bots}, realm: 'q:r', expect: denied`, ['no realm is named "q:r"']],
    [
      `name: t, ${ann}, ${bots}, realm: 'p:x', expect: denied`,
      ['no realm is named "p:x": "p:@root" decides'],
    ],
    [
      `name: t, ${ann}, permission: swarming.tasks.get, task: {submitter: ann, pool: ghost}, expect: denied`,
      ['submitter "ann" is malformed'],
    ],
    [
      `name: t, ${ann}, permission: swarming.tasks.get, task: {pool: ghost}, expect: denied`,
      ['no pool is named "ghost"'],
    ],
  ];
  for (const [test, expected] of bad) {
    it(`finds in {${test}}: ${expected.join("; ")}`, () => {
      assert.deepEqual(messagesOf(test), expected);
    });
  }

  it("says nothing about names while the configuration is unknown", () => {
    const text = `tests: [{name: t, ${ann}, permission: svc.res.get, pool: ghost, expect: denied}]`;
    assert.deepEqual(readTestFiles([{ path: "t", text }], undefined).problems, []);
  });

  it("warns of two tests of one name in a file", () => {
    assert.deepEqual(problemsOf(`{${good}}`, `{${good}}`), [
      'warning t.test.yaml:3:12 tests[1].name: another test of this file is named "t" too [reports tell tests by their names]',
    ]);
  });

  it("refuses a test that comes to too many cases", () => {
    const identities = Array.from({ length: maxTestCases / 2 + 1 }, (_, index) => `bot:b${index}`);
    const test = `name: t, identities: [${identities.join(", ")}], ${bots}, pools: [one, two], expect: denied`;
    assert.deepEqual(messagesOf(test), [
      `the test comes to ${maxTestCases + 2} cases, more than ${maxTestCases}`,
    ]);
  });
});

describe("isTestFile", () => {
  it("goes by the end of the name", () => {
    const names = ["a.test.yaml", "x/a.test.yml", "a.test.json", ".test.yaml"];
    assert.deepEqual(names.map(isTestFile), [true, true, true, true]);
    const others = ["test.yaml", "a.tests.yaml", "a.test.yaml.bak", "a.test", "a.test.yaml/b.yaml"];
    assert.deepEqual(others.map(isTestFile), [false, false, false, false, false]);
  });
});
