import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Problem_Severity } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { fleetgateError, startFake } from "./support/fake-fleetgate.ts";
import { runCli, type CliResult } from "./support/run-cli.ts";
import { makeFolder } from "./support/temp-folder.ts";

const refuse = (): never => {
  throw fleetgateError(Code.PermissionDenied, "GROUP_REQUIRED", "not you");
};
const invalid = (): never => {
  throw fleetgateError(Code.InvalidArgument, "CONFIG_INVALID", "1 problem");
};
const problems = [{ severity: Problem_Severity.ERROR, file: "a.yaml", line: 1, message: "bad" }];

const fake = await startFake({
  acl: { checkServerPerm: refuse },
  config: { apply: invalid, validate: () => ({ problems }), get: refuse, export: refuse },
  apiKey: { create: refuse, list: refuse, revoke: refuse },
  health: {
    check: ({ service }) => {
      if (service !== "") throw new ConnectError("there is no such service", Code.NotFound);
      return { status: ServingStatus.NOT_SERVING };
    },
  },
});
const folder = makeFolder({ "a.yaml": "pools: 5", "bad.cfg": "realms {\n" });
const yaml = join(folder, "a.yaml");

interface StatusJson {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly { readonly reason: string }[];
}

function readStatus({ stdout }: CliResult): StatusJson {
  const status = JSON.parse(stdout) as StatusJson;
  assert.equal(typeof status.code, "number");
  assert.notEqual(status.message, "");
  return status;
}

describe("--json", () => {
  const asks: readonly (readonly string[])[] = [
    ["check", "server", "--permission", "a.b.c"],
    ["config", "export"],
    ["config", "export", "--all-sources"],
    ["key", "create", "--identity", "bot:b"],
    ["key", "list"],
    ["key", "revoke", "AAAAAAAAAAAAAAAA"],
  ];
  for (const args of asks) {
    it(`prints the status when the server refuses: ${args.join(" ")}`, async () => {
      const result = await runCli([...args, "--json", "--endpoint", fake.endpoint]);
      assert.equal(result.code, 4);
      const { code, message, details } = readStatus(result);
      assert.deepEqual([code, message], [Code.PermissionDenied, "not you"]);
      assert.equal(details?.[0]?.reason, "GROUP_REQUIRED");
      assert.match(result.stderr, /^error: not you\n/);
    });
  }

  it("prints the status of an apply of an invalid configuration, and all problems to people", async () => {
    const result = await runCli(["config", "apply", yaml, "--json", "--endpoint", fake.endpoint]);
    assert.equal(result.code, 3);
    const { code, message, details } = readStatus(result);
    assert.deepEqual([code, message], [Code.InvalidArgument, "1 problem"]);
    assert.equal(details?.[0]?.reason, "CONFIG_INVALID");
    assert.match(result.stderr, /^a\.yaml:1: error: bad\nnot applied: 1 error/);
  });

  it("prints a status when an import fails, and all problems to people", async () => {
    const args = ["import", "luci", "--project", "demo", join(folder, "bad.cfg"), "--json"];
    const result = await runCli(args);
    assert.equal(result.code, 3);
    const { code, message } = readStatus(result);
    assert.equal(code, Code.InvalidArgument);
    assert.match(message, /bad\.cfg:\d+:\d+: error: /);
    assert.match(result.stderr, /bad\.cfg:\d+:\d+: error: .*\nnot imported: 1 error\n$/);
  });

  const misuses: readonly (readonly string[])[] = [
    ["check", "pool", "--json"],
    ["check", "--json"],
    ["chekc", "--json"],
    ["--json"],
    ["--timeout", "never", "health", "--json"],
    ["health", "--nonsense", "--json"],
    ["config", "apply", join(folder, "none.yaml"), "--json"],
    ["migrate", "--json"],
    ["serve", "--json"],
  ];
  for (const args of misuses) {
    it(`prints a status when the command line is wrong: ${args.join(" ")}`, async () => {
      const result = await runCli(args);
      assert.equal(result.code, 2);
      const { code, message } = readStatus(result);
      assert.equal(code, Code.InvalidArgument);
      assert.doesNotMatch(message, /^error/);
    });
  }

  it("is no option behind --", async () => {
    assert.equal((await runCli(["check", "pool", "--", "--json"])).stdout, "");
  });

  it("prints the answer when that says what is wrong: config validate and health", async () => {
    const validated = await runCli(["config", "validate", yaml, "--json", "--offline"]);
    assert.equal(validated.code, 3);
    assert.deepEqual(Object.keys(JSON.parse(validated.stdout) as object), ["problems"]);
    const health = await runCli(["health", "--json", "--endpoint", fake.endpoint]);
    assert.equal(health.code, 4);
    assert.deepEqual(JSON.parse(health.stdout), { status: "NOT_SERVING" });
  });
});
