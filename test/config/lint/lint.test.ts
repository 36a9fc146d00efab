import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createLintContext } from "../../../src/config/lint/lint-context.ts";
import { lintConfiguration, lintRules, maxFindings } from "../../../src/config/lint/lint.ts";
import { joinFiles } from "../../../src/config/located-config.ts";
import { createProblemList } from "../../../src/config/problem-list.ts";
import { readFiles } from "../../../src/config/read-files.ts";
import { knownIn } from "../../../src/config/rules/known.ts";
import { isTestFile } from "../../../src/config/policy-tests/test-file-name.ts";
import { lint } from "./support.ts";

const root = new URL("../../../", import.meta.url);

describe("lintConfiguration", () => {
  it("finds nothing in the example fleet", () => {
    const folder = new URL("examples/config/", root);
    const names = readdirSync(folder).filter((name) => !isTestFile(name));
    assert.deepEqual(lint(...names.map((name) => readFileSync(new URL(name, folder), "utf8"))), []);
  });

  it("says only what is wrong when the files have errors", () => {
    const result = lintConfiguration([{ path: "a.yaml", text: "groups: [{name: g}, {nam: h}]" }]);
    assert.equal(result.valid, false);
    assert.ok(result.problems.length > 0);
    assert.ok(result.problems.every(({ severity }) => severity === "error"));
  });

  it("lists findings in the order of files and places, whatever rule found them", () => {
    const first = "groups: [{name: g, globs: ['user:*']}]";
    const second = "pools: [{name: x, realm: 'p:r'}]\ngroups: [{name: h, globs: ['bot:*']}]";
    assert.deepEqual(
      lint(first, second).map((line) => line.split(" ")[1]?.replace(":", "")),
      ["unused-group", "broad-glob", "pool-without-realm", "unused-group", "broad-glob"],
    );
  });

  it("keeps so many findings and counts the rest", () => {
    const groups = Array.from({ length: maxFindings + 5 }, (_, index) => `{name: g${index}}`);
    const result = lintConfiguration([{ path: "a.yaml", text: `groups: [${groups.join(", ")}]` }]);
    assert.ok(result.valid);
    assert.deepEqual([result.findings.length, result.total], [maxFindings, maxFindings + 5]);
  });

  it("looks for the right name of what it keeps only: there may be thousands of both", () => {
    const text = `
projects: [{name: p, realms: [{name: r, bindings: [{role: role/swarming.poolUser, principals: ["group:devs"]}]}]}]
pools: [{name: x, realm: "p:s"}]
`;
    const problems = createProblemList();
    const config = joinFiles(readFiles([{ path: "a.yaml", text }], problems).files, problems);
    const unreadable = new Set<string>();
    unreadable[Symbol.iterator] = () => assert.fail("the names were looked through");
    const known = { ...knownIn([]), groups: unreadable, realms: unreadable };
    const context = createLintContext(config, known);
    const found: string[] = [];
    for (const rule of ["unknown-group", "pool-without-realm"]) {
      lintRules[rule]?.(context, (_, message, hint) => {
        found.push(message);
        assert.throws(hint as () => string, /looked through/);
      });
    }
    assert.equal(found.length, 2);
  });

  it("has a line in docs/cli.md for every rule", () => {
    const page = readFileSync(new URL("docs/cli.md", root), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| .+ \|$/gm)].map(([, rule]) => rule);
    assert.deepEqual(
      Object.keys(lintRules).filter((rule) => !rows.includes(rule)),
      [],
    );
  });
});
