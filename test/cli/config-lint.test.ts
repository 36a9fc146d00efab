import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCli } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const odd = makeFolder({ "a.yaml": "groups:\n  - name: lonely\n    globs: ['user:*']\n" });
const clean = makeFolder({ "a.yaml": "{}" });
const broken = makeFolder({ "a.yaml": "groups: [{nam: x}]" });
const file = join(odd, "a.yaml");

describe("fleetgate config lint", () => {
  it("tells each finding with its place, rule and hint, and ends with 0", async () => {
    const result = await runCli(["config", "lint", odd]);
    assert.deepEqual([result.code, result.stderr], [0, ""]);
    assert.deepEqual(result.stdout.split("\n"), [
      `${file}:2:11: unused-group: nothing uses the group "lonely"`,
      "  at groups[0].name",
      "  hint: bind it, nest it, or delete it",
      `${file}:3:13: broad-glob: the glob "user:*" matches every user`,
      "  at groups[0].globs[0]",
      '  hint: name the domain in full, as in "user:*@example.com"',
      "2 warnings in 1 file",
      "",
    ]);
  });

  it("ends with 3 with --deny-warnings, when there is one", async () => {
    assert.equal((await runCli(["config", "lint", "--deny-warnings", odd])).code, 3);
    assert.deepEqual(await runCli(["config", "lint", "--deny-warnings", clean]), {
      code: 0,
      stdout: "0 warnings in 1 file\n",
      stderr: "",
    });
  });

  it("ends with 3 and tells the errors when the files have some", async () => {
    const result = await runCli(["config", "lint", broken]);
    assert.equal(result.code, 3);
    assert.match(result.stdout, /a\.yaml:1:\d+: error: unknown field "nam"\n/);
    assert.match(result.stdout, /\nnot linted: \d errors?, 0 warnings in 1 file\n$/);
  });

  it("prints an object with --json", async () => {
    const { code, stdout } = await runCli(["config", "lint", "--json", odd]);
    assert.equal(code, 0);
    const report = JSON.parse(stdout) as { readonly findings: readonly object[] };
    assert.deepEqual(report, { problems: [], findings: report.findings, total: 2 });
    assert.deepEqual(report.findings[0], {
      ...{ rule: "unused-group", file, line: 2, column: 11, path: "groups[0].name" },
      message: 'nothing uses the group "lonely"',
      hint: "bind it, nest it, or delete it",
    });
    const invalid = await runCli(["config", "lint", "--json", broken]);
    assert.equal(invalid.code, 3);
    const { problems } = JSON.parse(invalid.stdout) as { readonly problems: readonly object[] };
    assert.ok(problems.length > 0);
  });
});
