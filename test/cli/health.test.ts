import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../src/gen/grpc/health/v1/health_pb.ts";
import { startFake } from "./support/fake-fleetgate.ts";
import { runCli } from "./support/run-cli.ts";

let status: ServingStatus = ServingStatus.SERVING;
let asked: string | undefined;
const fake = await startFake({
  health: {
    check: ({ service }) => {
      asked = service;
      if (service === "none") throw new ConnectError("unknown service", Code.NotFound);
      return { status };
    },
  },
});
const health = (...args: readonly string[]): ReturnType<typeof runCli> =>
  runCli(["health", ...args, "--endpoint", fake.endpoint]);

describe("fleetgate health", () => {
  it("ends with 0 when the server serves, else with 4: it is no decision", async () => {
    assert.deepEqual(await health(), { code: 0, stdout: "SERVING\n", stderr: "" });
    assert.equal(asked, "");
    status = ServingStatus.NOT_SERVING;
    const result = await health("--service", "fleetgate.acl.v1.AclService");
    assert.deepEqual(result, { code: 4, stdout: "NOT_SERVING\n", stderr: "" });
    assert.equal(asked, "fleetgate.acl.v1.AclService");
    assert.deepEqual(JSON.parse((await health("--json")).stdout), { status: "NOT_SERVING" });
  });

  it("ends with 4 for a service that the server does not know", async () => {
    const result = await health("--service", "none");
    assert.equal(result.code, 4);
    assert.match(result.stderr, /^error: the server has no service "none"\nhint: .*AclService/);
    assert.doesNotMatch(result.stderr, /proxy/);
    const json = JSON.parse((await health("--service", "none", "--json")).stdout) as object;
    assert.deepEqual(json, { code: Code.NotFound, message: "unknown service" });
  });
});
