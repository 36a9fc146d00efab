import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runCli } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const realms = `
realms {
  name: "ci"
  bindings {
    role: "role/swarming.poolViewer"
    principals: "group:all"
  }
  bindings {
    role: "role/nobody.knows"
    principals: "user:ann@example.com"
  }
}
`;
const folder = makeFolder({ "realms.cfg": realms, "bad.cfg": 'realms {\n  name: "UPPER"\n' });
const file = join(folder, "realms.cfg");
const luci = ["import", "luci", "--project", "demo"];

describe("fleetgate import luci", () => {
  it("prints YAML that validates on standard output, and the report on standard error", async () => {
    const result = await runCli([...luci, file]);
    assert.equal(result.code, 0);
    assert.match(result.stderr, /^1 realm, 2 bindings \(0 conditional\), 2 roles\n/);
    assert.match(result.stderr, /say what they hold:\n( {2}role\/.*\n)* {2}role\/nobody\.knows\n/);
    assert.match(result.stderr, /groups to fill in:\n {2}all\n/);
    const validated = await runCli(["config", "validate", "--offline", "-"], {
      stdin: result.stdout,
    });
    assert.equal(validated.code, 0, validated.stdout);
  });

  it("reads standard input and writes a file", async () => {
    const out = join(folder, "out.yaml");
    const result = await runCli([...luci, "-", "--out", out], { stdin: realms });
    assert.equal(result.stdout, `wrote ${out}\n`);
    assert.match(readFileSync(out, "utf8"), /name: demo/);
  });

  it("prints configuration and report as JSON", async () => {
    const { stdout, stderr } = await runCli([...luci, file, "--json"]);
    const { report } = JSON.parse(stdout) as { readonly report: { readonly realms: number } };
    assert.equal(report.realms, 1);
    assert.equal(stderr, "");
  });

  it("ends with 3 and every problem for a bad file", async () => {
    const result = await runCli([...luci, join(folder, "bad.cfg")]);
    assert.equal(result.code, 3);
    assert.equal(result.stdout, "");
    assert.match(result.stderr, /bad\.cfg:\d+:\d+: error: .*\nnot imported: 1 error\n$/);
  });

  it("ends with 2 for a bad project or a file that is not there", async () => {
    assert.equal((await runCli(["import", "luci", "--project", "UP", file])).code, 2);
    assert.equal((await runCli([...luci, join(folder, "none.cfg")])).code, 2);
    assert.equal((await runCli(["import", "luci", file])).code, 2);
  });
});
