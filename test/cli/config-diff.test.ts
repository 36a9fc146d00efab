import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { toJson } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { ChangeItem_Op as Op } from "../../src/gen/fleetgate/admin/v1/change_item_pb.ts";
import {
  ConfigServiceApplyRequestSchema,
  Problem_Severity,
} from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { everyEffect, everyEffectShown } from "./support/effects.ts";
import { fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

let applied: Record<string, unknown> | undefined;
let failure: Error | undefined;
let differs = true;

const warning = { severity: Problem_Severity.WARNING, file: "a.yaml", message: "odd" };
const fake = await startFake({
  config: {
    apply: (request) => {
      applied = toJson(ConfigServiceApplyRequestSchema, request) as Record<string, unknown>;
      if (failure !== undefined) throw failure;
      const common = { revisionToken: "AQ", warnings: [warning] };
      if (!differs) return { ...common, summary: {}, effects: { gained: {}, lost: {} } };
      const summary = { kinds: [{ kind: "pool", updated: 1 }] };
      if (!request.validateOnly) return { ...common, etag: "e1", summary };
      if (request.summaryOnly) return { ...common, summary, effects: { gained: { globs: 2n } } };
      const fields = [{ field: "realm", before: '"a:b"', after: '"a:c"' }];
      const items = [{ kind: "pool", key: "p", op: Op.UPDATE, fields }];
      return { ...common, summary, items, effects: everyEffect };
    },
    validate: () => ({
      problems: [{ severity: Problem_Severity.ERROR, file: "a.yaml", line: 3, message: "bad" }],
    }),
  },
});

const file = join(makeFolder({ "a.yaml": "{}" }), "a.yaml");
const config = (...args: readonly string[]): Promise<CliResult> => {
  applied = undefined;
  return runCli(["config", ...args, "--endpoint", fake.endpoint]);
};
const files = [{ path: file, text: "{}" }];

const plan = [
  "would change in source team:",
  "  pool  0 created  1 updated  0 deleted",
  "~ pool p",
  '    - realm: "a:b"',
  '    + realm: "a:c"',
  ...everyEffectShown,
];

describe("fleetgate config diff", () => {
  it("shows each entity field by field, then who gains and loses what, beside the warnings", async () => {
    const { code, stdout, stderr } = await config("diff", file, "--source", "team");
    // One of them may be that a group is left alone, since it is taken over.
    assert.deepEqual([code, stderr], [0, "a.yaml: warning: odd\n"]);
    assert.deepEqual(stdout.trimEnd().split("\n"), plan);
    // Looking at a difference must need neither a reason nor an override.
    const { reason, ...others } = applied ?? {};
    assert.notEqual(reason, "");
    assert.deepEqual(others, {
      source: "team",
      files,
      validateOnly: true,
      guards: { allowLockOut: true },
    });
  });

  it("shows only how many with --summary", async () => {
    const { stdout } = await config("diff", file, "--summary");
    assert.equal(applied?.["summaryOnly"], true);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "would change in source main:",
      "  pool  0 created  1 updated  0 deleted",
      "gained: 2 globs · lost: 0",
    ]);
  });

  it("prints nothing on standard output exactly when nothing differs, and ends with 0 then too", async () => {
    differs = false;
    const result = await config("diff", file);
    const dry = await config("apply", file, "--dry-run");
    differs = true;
    const note = "no differences: nothing would change in source main\n";
    const expected = { code: 0, stdout: "", stderr: `a.yaml: warning: odd\n${note}` };
    assert.deepEqual([result, dry], [expected, expected]);
  });

  it("prints the message with --json", async () => {
    const { stdout } = await config("diff", file, "--json");
    const { items, effects } = JSON.parse(stdout) as { items: unknown[]; effects: object };
    assert.equal(items.length, 1);
    assert.ok("gained" in effects);
  });

  it("shows all problems of invalid files and ends with 3", async () => {
    failure = fleetgateError(Code.InvalidArgument, "CONFIG_INVALID", "1 problem");
    const result = await config("diff", file);
    failure = undefined;
    assert.deepEqual([result.code, result.stdout], [3, ""]);
    assert.equal(
      result.stderr,
      "a.yaml:3: error: bad\nnot compared: 1 error, 0 warnings in 1 file\n",
    );
  });

  it("says how to ask for less when the effects are too many", async () => {
    for (const limit of ["effects", "change_items"]) {
      const metadata = { limit };
      failure = fleetgateError(Code.ResourceExhausted, "LIMIT_EXCEEDED", "too many", metadata);
      const result = await config("diff", file);
      assert.equal(result.code, 4);
      assert.match(result.stderr, /hint: .*--summary/);
    }
    failure = undefined;
  });
});

describe("fleetgate config apply", () => {
  it("shows with --dry-run what config diff shows, and the warnings", async () => {
    const { code, stdout, stderr } = await config("apply", file, "--source", "team", "--dry-run");
    assert.deepEqual([code, stderr], [0, "a.yaml: warning: odd\n"]);
    assert.deepEqual(stdout.trimEnd().split("\n"), plan);
    assert.deepEqual(applied, { source: "team", files, validateOnly: true });
    await config("apply", file, "--dry-run", "--summary");
    assert.deepEqual(applied, { source: "main", files, validateOnly: true, summaryOnly: true });
  });

  it("sends guards, and a request id of its own or the one that it is given", async () => {
    await config("apply", file, "--max-gained", "2", "--max-lost", "0", "--allow-lock-out");
    assert.deepEqual(applied?.["guards"], { maxGained: 2, maxLost: 0, allowLockOut: true });
    assert.match(String(applied["requestId"]), /^[0-9a-f-]{36}$/);
    await config("apply", file, "--request-id", "6f2c1d1e-9f5b-4a58-9d6e-0c8f3a1b2c3d");
    assert.equal(applied["requestId"], "6f2c1d1e-9f5b-4a58-9d6e-0c8f3a1b2c3d");
    assert.equal(applied["guards"], undefined);
  });

  it("ends with 2 for --summary without --dry-run", async () => {
    const { code, stderr } = await config("apply", file, "--summary");
    assert.deepEqual([code, applied], [2, undefined]);
    assert.match(stderr, /goes with --dry-run/);
  });
});
