import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import {
  Problem_Severity,
  type ConfigServiceApplyRequest,
  type ConfigServiceValidateRequest,
} from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const error = {
  severity: Problem_Severity.ERROR,
  file: "b.yaml",
  line: 3,
  column: 5,
  path: "pools[0].realm",
  message: 'no realm "x"',
  hint: "define it",
};
const warning = { severity: Problem_Severity.WARNING, file: "a.yaml", message: "odd" };
const summary = {
  kinds: [
    { kind: "pool", created: 2 },
    { kind: "group_member", deleted: 11 },
  ],
};

let applied: ConfigServiceApplyRequest | undefined;
let applyError: Error | undefined;
let validated: ConfigServiceValidateRequest | undefined;
let problems: object[] = [];
let exported: unknown;

const fake = await startFake({
  config: {
    apply: (request) => {
      applied = request;
      if (applyError !== undefined) throw applyError;
      return { revisionToken: "AQ", etag: "e1", summary, warnings: [warning] };
    },
    validate: (request) => {
      validated = request;
      return { problems, summary, revisionToken: "AQ" };
    },
    get: ({ source }) => {
      exported = { method: "get", source };
      return {
        config: { pools: [{ name: "p", defaultTaskRealm: "a:b" }] },
        etag: "e1",
        revisionToken: "AQ",
      };
    },
    export: ({ source, allSources }) => {
      exported = { method: "export", source, allSources };
      return { text: "pools:\n  - name: p\n", etag: "e1", revisionToken: "AQ" };
    },
  },
});

const folder = makeFolder({ "b.yaml": "{}", "a.yml": "pools: []", "c.json": "{}", "d.txt": "no" });
const config = (args: readonly string[], stdin = ""): Promise<CliResult> =>
  runCli(["config", ...args, "--endpoint", fake.endpoint], { stdin });

describe("fleetgate config apply", () => {
  it("sends the files of a folder in the order of their names, and says what changed", async () => {
    const args = ["apply", folder, "--source", "team-a", "--etag", "e0", "--reason", "r"];
    const result = await config(args);
    assert.deepEqual(
      applied?.files.map(({ path, content }) => [path, content.value]),
      [
        [join(folder, "a.yml"), "pools: []"],
        [join(folder, "b.yaml"), "{}"],
        [join(folder, "c.json"), "{}"],
      ],
    );
    const { source, etag, reason, validateOnly } = applied;
    assert.deepEqual([source, etag, reason, validateOnly], ["team-a", "e0", "r", false]);
    assert.deepEqual(result, {
      code: 0,
      stdout: [
        "changed in source team-a:",
        "  pool          2 created  0 updated  0 deleted",
        "  group_member  0 created  0 updated  11 deleted",
        "etag: e1",
        "revision token: AQ",
        "",
      ].join("\n"),
      stderr: "a.yaml: warning: odd\n",
    });
  });

  it("changes nothing with --dry-run", async () => {
    const result = await config(["apply", join(folder, "b.yaml"), "--dry-run"]);
    assert.equal(applied?.validateOnly, true);
    assert.match(result.stdout, /^would change in source main:\n/);
    assert.doesNotMatch(result.stdout, /etag/);
  });

  it("reads standard input for -, and a file that is named twice once", async () => {
    const file = join(folder, "b.yaml");
    await config(["apply", "-", file, file, "-"], "pools: []");
    assert.deepEqual(
      applied?.files.map(({ path, content }) => [path, content.value]),
      [
        ["<stdin>", "pools: []"],
        [file, "{}"],
      ],
    );
  });

  it("shows all problems when the configuration is invalid", async () => {
    applyError = fleetgateError(Code.InvalidArgument, "CONFIG_INVALID", "1 problem");
    problems = [warning, error];
    const result = await config(["apply", folder]);
    assert.equal(validated?.files.length, 3);
    assert.deepEqual(result, {
      code: 3,
      stdout: "",
      stderr: [
        "a.yaml: warning: odd",
        'b.yaml:3:5: error: no realm "x"',
        "  at pools[0].realm",
        "  hint: define it",
        "not applied: 1 error, 1 warning in 3 files",
        "",
      ].join("\n"),
    });
    applyError = undefined;
  });

  it("says what the server said when validation finds nothing any more", async () => {
    applyError = fleetgateError(Code.InvalidArgument, "CONFIG_INVALID", "1 problem");
    problems = [];
    const result = await config(["apply", folder]);
    applyError = undefined;
    assert.equal(result.code, 3);
    assert.equal(result.stderr, "error: 1 problem\nreason: CONFIG_INVALID\n");
  });

  it("ends with 4 and a way out when somebody else changed the source", async () => {
    const metadata = { source: "team-a" };
    applyError = fleetgateError(Code.Aborted, "ETAG_MISMATCH", "changed", metadata);
    const result = await config(["apply", folder, "--etag", "old", "--source", "team-a"]);
    applyError = undefined;
    assert.equal(result.code, 4);
    assert.match(result.stderr, /^error: changed\nreason: ETAG_MISMATCH\nhint: /);
    assert.match(result.stderr, /`fleetgate config export --source team-a --json` shows .*etag/);
  });

  const misuses: readonly (readonly [string, readonly string[]])[] = [
    ["no file", []],
    ["a file that does not exist", [join(folder, "none.yaml")]],
    ["an empty source", [folder, "--source", ""]],
    ["an empty etag", [folder, "--etag", ""]],
    ["a folder without files", [makeFolder({ "a.txt": "" })]],
  ];
  for (const [what, args] of misuses) {
    it(`ends with 2 and sends nothing for ${what}`, async () => {
      applied = undefined;
      const result = await config(["apply", ...args]);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^error: /);
      assert.equal(applied, undefined);
    });
  }
});

describe("fleetgate config validate", () => {
  it("shows the problems on standard output and ends with 3 when there is an error", async () => {
    problems = [error, { ...warning, file: "" }];
    assert.deepEqual(await config(["validate", folder]), {
      code: 3,
      stdout: [
        'b.yaml:3:5: error: no realm "x"',
        "  at pools[0].realm",
        "  hint: define it",
        "warning: odd",
        "1 error, 1 warning in 3 files",
        "",
      ].join("\n"),
      stderr: "",
    });
  });

  it("ends with 0 when there are only warnings, and says what would change", async () => {
    problems = [warning];
    const result = await config(["validate", folder, "--source", "team-a"]);
    assert.equal(validated?.source, "team-a");
    assert.equal(result.code, 0);
    assert.match(result.stdout, /^a\.yaml: warning: odd\n0 errors, 1 warning in 3 files\nwould /);
  });

  it("takes a severity that it does not know for an error", async () => {
    problems = [{ severity: 99, file: "a.yaml", message: "new" }];
    assert.equal((await config(["validate", folder])).code, 3);
  });

  it("asks no server with --offline", async () => {
    validated = undefined;
    const good = makeFolder({ "a.yaml": "pools:\n  - name: p\n    realm: a:b\n" });
    assert.equal((await config(["validate", "--offline", good])).code, 0);
    const bad = makeFolder({ "a.yaml": "pools:\n  - nam: p\n" });
    const result = await config(["validate", "--offline", bad]);
    assert.equal(result.code, 3);
    assert.match(result.stdout, /a\.yaml:2:\d+: error: .*nam/);
    const json = await config(["validate", "--offline", bad, "--json"]);
    assert.match(json.stdout, /"severity": "SEVERITY_ERROR"/);
    assert.equal(validated, undefined);
  });
});

describe("fleetgate config export", () => {
  it("prints the YAML of a source", async () => {
    const result = await config(["export", "--source", "team-a"]);
    assert.deepEqual(exported, { method: "export", source: "team-a", allSources: false });
    assert.deepEqual(result, { code: 0, stdout: "pools:\n  - name: p\n", stderr: "" });
  });

  it("writes the YAML of all sources to a file", async () => {
    const out = join(folder, "out.txt");
    const result = await config(["export", "--all-sources", "--out", out]);
    assert.deepEqual(exported, { method: "export", source: "", allSources: true });
    assert.deepEqual(result, { code: 0, stdout: `wrote ${out}\n`, stderr: "" });
    assert.equal(readFileSync(out, "utf8"), "pools:\n  - name: p\n");
  });

  it("prints the message with --json, in the field names of the files", async () => {
    const result = await config(["export", "--json"]);
    assert.deepEqual(exported, { method: "get", source: "main" });
    assert.deepEqual(JSON.parse(result.stdout), {
      config: { pools: [{ name: "p", default_task_realm: "a:b" }] },
      etag: "e1",
      revision_token: "AQ",
    });
  });

  it("ends with 2 for a source together with --all-sources", async () => {
    assert.equal((await config(["export", "--all-sources", "--source", "a"])).code, 2);
  });
});
