import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCli } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const config = `groups:
  - name: devs
    members: ["user:ann@x.com"]
pools:
  - {name: one, realm: "p:r"}
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - {role: role/swarming.poolUser, principals: ["group:devs"]}
`;
const test = (name: string, expect: string): string => `  - name: ${name}
    identity: user:ann@x.com
    permission: swarming.pools.createTask
    pool: one
    expect: ${expect}
`;
const passing = `tests:\n${test("devs run tasks", "allowed")}`;
const failing = `tests:\n${test("devs run tasks", "allowed")}${test("nobody runs tasks", "denied")}`;
const failed = 'nobody runs tasks: user:ann@x.com swarming.pools.createTask in pool "one"';

const folder = makeFolder({ "a.yaml": config, "b.test.yaml": failing });
const good = makeFolder({
  "a.yaml": config,
  "b.test.yml": passing,
  "c.test.json": '{"tests": []}',
});

describe("fleetgate config test", () => {
  it("ends with 0 and a line when every case passes", async () => {
    assert.deepEqual(await runCli(["config", "test", good]), {
      code: 0,
      stdout: "1 case passed\n",
      stderr: "",
    });
  });

  it("ends with 1 and tells each failed case by its line, what was expected, and why", async () => {
    const result = await runCli(["config", "test", folder]);
    assert.deepEqual([result.code, result.stderr], [1, ""]);
    assert.deepEqual(result.stdout.split("\n"), [
      `${join(folder, "b.test.yaml")}:7:5: failed: ${failed}`,
      "  expected denied, got allowed",
      "    user:ann@x.com",
      '    → listed in group "devs" (source main)',
      '    → bound to role/swarming.poolUser in realm p:r (source main) → swarming.pools.createTask in pool "one"',
      "1 of 2 cases failed",
      "",
    ]);
  });

  it("tells of a denial every step, and what would allow", async () => {
    const denied = passing.replace("user:ann@x.com", "user:bob@x.com");
    const path = makeFolder({ "a.yaml": config, "b.test.yaml": denied });
    const { code, stdout } = await runCli(["config", "test", path]);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /\n {2}expected allowed, got denied\n {2}Permission "swarm.* denied for "user:bob/,
    );
    assert.match(stdout, /\n {2}why:\n {4}server level: no/);
    assert.match(stdout, /\n {4}add user:bob@x\.com to group "devs"/);
  });

  it("takes configuration and tests from wherever they are named, and standard input", async () => {
    const tests = join(folder, "b.test.yaml");
    const apart = await runCli(["config", "test", join(folder, "a.yaml"), tests]);
    assert.equal(apart.code, 1);
    const piped = await runCli(["config", "test", "-", tests], { stdin: config });
    assert.equal(piped.code, 1);
  });

  it("prints an object with --json", async () => {
    const { code, stdout } = await runCli(["config", "test", "--json", folder]);
    assert.equal(code, 1);
    const { cases, ...rest } = JSON.parse(stdout) as { cases: readonly object[] };
    assert.deepEqual(rest, { ran: true, passed: 1, failed: 1, problems: [] });
    const file = join(folder, "b.test.yaml");
    assert.deepEqual(cases[0], {
      name: "devs run tasks",
      about: 'user:ann@x.com swarming.pools.createTask in pool "one"',
      ...{ file, line: 2, column: 5, passed: true },
      ...{ expected: "allowed", actual: "allowed", detail: "", why: [] },
    });
    assert.equal("why" in (cases[1] ?? {}), true);
  });

  it("ends with 3 and tells every problem when a file has errors", async () => {
    const bad = makeFolder({
      "a.yaml": "pools: [{name: one}]",
      "b.test.yaml": "tests: [{nam: x}]",
    });
    const human = await runCli(["config", "test", bad]);
    assert.equal(human.code, 3);
    assert.match(human.stdout, /a\.yaml:1:\d+: error: realm is missing\n/);
    assert.match(human.stdout, /b\.test\.yaml:1:\d+: error: unknown field "nam"\n/);
    assert.match(human.stdout, /\nnot tested: \d errors, 0 warnings in 2 files\n$/);
    const json = await runCli(["config", "test", "--json", bad]);
    const report = JSON.parse(json.stdout) as { ran: boolean; problems: readonly object[] };
    assert.deepEqual([json.code, report.ran], [3, false]);
    assert.ok(report.problems.length >= 2);
  });

  const usage: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["no tests", [join(folder, "a.yaml")], /there are no policy tests/],
    ["no configuration", [join(folder, "b.test.yaml")], /there is no configuration to test/],
    [
      "no assertion",
      [join(folder, "a.yaml"), join(good, "c.test.json")],
      /the policy tests assert nothing/,
    ],
    ["no file", [join(folder, "missing.yaml")], /cannot read/],
    ["no argument", [], /missing required argument/],
    ["an unwritable report", [folder, "--junit", join(folder, "x", "y.xml")], /cannot write/],
  ];
  for (const [says, args, message] of usage) {
    it(`ends with 2 when there is ${says}`, async () => {
      const result = await runCli(["config", "test", ...args]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, message);
    });
  }
});

/** The texts and attributes of all elements of a name, unescaped. */
function elements(xml: string, name: string): readonly Readonly<Record<string, string>>[] {
  const pattern = new RegExp(`<${name} ([^>]*?)/?>(?:([^<]*)</${name}>)?`, "g");
  return [...xml.matchAll(pattern)].map(([, attributes = "", text = ""]) => ({
    ...Object.fromEntries(
      [...attributes.matchAll(/([a-z]+)="([^"<]*)"/g)].map(([, key = "", value = ""]) => [
        key,
        unescape(value),
      ]),
    ),
    text: unescape(text),
  }));
}

function unescape(text: string): string {
  assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|apos);)/);
  const characters: Readonly<Record<string, string>> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&amp;": "&",
  };
  return text.replace(/&[a-z]+;/g, (entity) => characters[entity] ?? "");
}

describe("fleetgate config test --junit", () => {
  const read = async (path: string): Promise<{ readonly code: number; readonly xml: string }> => {
    const report = join(makeFolder(), "report.xml");
    const { code } = await runCli(["config", "test", path, "--junit", report]);
    return { code, xml: readFileSync(report, "utf8") };
  };

  it("writes a suite for each file and a test case for each case", async () => {
    const { code, xml } = await read(folder);
    const file = join(folder, "b.test.yaml");
    assert.equal(code, 1);
    assert.match(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /);
    const counts = { failures: "1", errors: "0", time: "0", tests: "2", text: "" };
    assert.deepEqual(elements(xml, "testsuites"), [{ name: "fleetgate config test", ...counts }]);
    const [suite] = elements(xml, "testsuite");
    assert.deepEqual([suite?.["name"], suite?.["tests"], suite?.["failures"]], [file, "2", "1"]);
    const cases = elements(xml, "testcase");
    assert.deepEqual(
      cases.map(({ name, classname, line }) => [name, classname, line]),
      [
        [failed.replace("nobody runs", "devs run"), file, "2"],
        [failed, file, "7"],
      ],
    );
    const [failure] = elements(xml, "failure");
    assert.equal(failure?.["message"], "expected denied, got allowed");
    assert.match(
      failure["text"] ?? "",
      /b\.test\.yaml:7:5\nexpected denied, got allowed\n {2}user:ann/,
    );
  });

  it("escapes whatever names hold", async () => {
    const name = `<a href='&amp;'> "]]> \u2028 é \u{1f600} -- \ufffe`;
    const pool = "]]><x>&\"'";
    const hostile = makeFolder({
      "a.json": JSON.stringify({ pools: [{ name: pool, realm: "p:r" }] }),
      "b.test.json": JSON.stringify({
        tests: [
          {
            name: name.replace(/[\u2028\ufffe]/g, ""),
            identity: "bot:b",
            permission: "swarming.pools.listBots",
            pool,
            expect: "allowed",
          },
        ],
      }),
    });
    const { code, xml } = await read(hostile);
    assert.equal(code, 1);
    const [only] = elements(xml, "testcase");
    assert.equal(
      only?.["name"],
      `${name.replace(/[\u2028\ufffe]/g, "")}: bot:b swarming.pools.listBots in pool ${JSON.stringify(pool)}`,
    );
    assert.equal(xml.includes("]]>"), false);
  });

  it("reports the errors of files, so that no report means that nothing ran", async () => {
    const bad = makeFolder({ "a.yaml": "pools: [{name: one}]", "b.test.yaml": passing });
    const { code, xml } = await read(bad);
    assert.equal(code, 3);
    const errors = elements(xml, "error");
    assert.deepEqual(
      errors.map(({ message }) => message),
      ["realm is missing", ...errors.slice(1).map(({ message }) => message)],
    );
    assert.equal(elements(xml, "testsuites")[0]?.["errors"], String(errors.length));
  });
});

describe("the other commands", () => {
  it("pass over the tests of a folder", async () => {
    const result = await runCli(["config", "validate", "--offline", folder]);
    assert.deepEqual([result.code, result.stdout], [0, "0 errors, 0 warnings in 1 file\n"]);
    const alone = makeFolder({ "b.test.yaml": passing });
    const none = await runCli(["config", "validate", "--offline", alone]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /holds no \*\.yaml/);
  });

  for (const args of [["validate", "--offline"], ["apply"], ["lint"]]) {
    it(`config ${args[0] ?? ""} refuses tests that are named, and says what to do`, async () => {
      const result = await runCli(["config", ...args, join(folder, "b.test.yaml")]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /holds policy tests, not configuration\nhint: .*config test/);
    });
  }
});
