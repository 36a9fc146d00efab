import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { credentialKinds } from "../../src/domain/credential/kinds.ts";
import { CredentialService } from "../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import { TaskService } from "../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { ClaimService } from "../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { RunnerService } from "../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import { RetryInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { fromBinary, type DescMethodUnary } from "@bufbuild/protobuf";
import { requirementOf } from "../../src/rpc/admission/method-table.ts";
import type { PeerIdentity } from "../../src/rpc/handler.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { closedMs, createFakeCredentials, makeCredential } from "./support/fake-credentials.ts";
import { allServices, nameOf, unaryMethods } from "./support/services.ts";
import { keys } from "./support/world.ts";

// What each area closes, written down once more: whatever is not listed goes on.
const closed = {
  issue: [
    ...["IssueBootToken", "OpenSession", "TakeOverSession", "RegisterTask", "OpenClaim"],
    ...["SupersedeClaim", "PresentClaim", "CreateEnrollToken", "Enroll", "RotateCredential"],
  ],
  fleet: [
    ...["CreateBot", "SetBotState", "RequeueBot", "DeleteBot", "FetchOnce", "ReturnFetch"],
    ...["CloseSession", "SetTaskState", "EndTask", "ExtendClaim", "CancelClaim"],
    ...["ReportExecutor", "CreateRunner", "SetRunnerPaused", "DeleteRunner", "Heartbeat"],
    "DeleteManager",
  ],
} as const;
const areas = ["issue", "fleet"] as const;

function areaOf(method: string): "issue" | "fleet" | "none" {
  if (!method.startsWith("fleetgate.credential.v1.")) return "none";
  const name = method.split("/")[1] ?? "";
  return areas.find((area) => (closed[area] as readonly string[]).includes(name)) ?? "none";
}

const unverified: PeerIdentity = {
  verifyJwt: () => assert.fail("nobody may look at a JWT"),
  certificateRules: [],
  certificateOf: () => ({ kind: "none" }),
};

describe("U73: methods that an operator keeps closed", () => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area, identity: unverified });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    bench.records.length = 0;
    bench.keyUses.length = 0;
  });

  it("are those of the table, each in one area, and no other", async () => {
    const methods = (await allServices()).flatMap((service) => service.methods.map(nameOf));
    for (const method of methods) {
      assert.equal(requirementOf(method)?.gate, areaOf(method), method);
    }
    const listed = methods.filter((method) => areaOf(method) !== "none");
    assert.equal(listed.length, closed.issue.length + closed.fleet.length);
  });

  it("say so over every wire before anything looks at the credential, be it none, bad or good (L1)", async () => {
    const shown = [
      {},
      bearer("bad"),
      bearer("a.b.c"),
      bearer(keys.root.token),
      ...credentialKinds.map((kind) => bearer(fake.admit(makeCredential(kind, "x")))),
    ];
    fake.mode = "never";
    for (const area of areas) {
      fake.closed.clear();
      fake.closed.add(area);
      for (const service of await allServices()) {
        for (const method of unaryMethods(service)) {
          if (areaOf(nameOf(method)) !== area) continue;
          for (const [index, { name, transport }] of bench.wires.entries()) {
            // All credentials over one wire, and over the others those that fail in different ways.
            for (const headers of index === 0 ? shown : shown.slice(0, 4)) {
              const reply = await ask(transport, method, {}, headers);
              const what = `${nameOf(method)}, ${name}, ${JSON.stringify(headers).slice(0, 40)}`;
              assert.equal(reply.code, "resource_exhausted", what);
              assert.equal(reply.reason, "GATE_CLOSED", what);
              assert.deepEqual(reply.metadata, { area }, what);
              assert.deepEqual(retryOf(reply.details), { seconds: 54n, nanos: 321_000_000 }, what);
              assert.equal(reply.metadataOfCall.get("retry-after"), "55", what);
            }
          }
        }
      }
    }
    assert.deepEqual(fake.asked, []);
    assert.deepEqual(fake.denied, []);
    assert.deepEqual(bench.keyUses, []);
    assert.ok(bench.records.every(({ peer, credential }) => peer === "" && credential === ""));
  });

  it("are closed, too, to a call whose body comes when they are: whoever locks a table then must not meet it", async (context) => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const session = fake.admit(makeCredential("session", "x"));
    const claim = makeCredential("claim", "x").token;
    const calls: readonly (readonly [DescMethodUnary, string])[] = [
      [TaskService.method.registerTask, session],
      // Nobody has judged what this one shows by then.
      [ClaimService.method.presentClaim, claim],
    ];
    for (const [method, token] of calls) {
      let heads = 0;
      const refuse = () => (heads++ === 0 ? undefined : closedMs);
      const mocked = context.mock.method(fake.area.gates, "refuse", refuse).mock;
      assert.equal((await ask(transport, method, {}, bearer(token))).reason, "GATE_CLOSED");
      mocked.restore();
    }
  });

  it("are 429 with Retry-After for a plain client of HTTP", async () => {
    fake.closed.add("issue");
    const path = "/fleetgate.credential.v1.TaskService/RegisterTask";
    const answer = await fetch(`${bench.servers.http1}${path}`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
    });
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("retry-after"), "55");
    assert.equal(answer.headers.get("content-type"), "application/json");
    const { code, details } = (await answer.json()) as { code: string; details: object[] };
    assert.equal(code, "resource_exhausted");
    assert.deepEqual(
      details.map((detail) => (detail as { debug: object }).debug),
      [
        { reason: "GATE_CLOSED", domain: "fleetgate", metadata: { area: "issue" } },
        { retryDelay: "54.321s" },
      ],
    );
  });

  it("let everything else go on: who is asked for, checks, renewing holds, revoking, and what is not in their area", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const open: string[] = [];
    for (const area of areas) {
      fake.closed.clear();
      fake.closed.add(area);
      for (const service of await allServices()) {
        for (const method of unaryMethods(service)) {
          if (areaOf(nameOf(method)) === area) continue;
          const reply = await ask(transport, method, {}, bearer("bad"));
          assert.equal(reply.reason, "CREDENTIAL_REQUIRED", nameOf(method));
          open.push(method.name);
        }
      }
    }
    for (const name of ["IdentifyCaller", "BatchIdentifyCallers", "RenewHolds", "ReleaseHold"]) {
      assert.equal(open.filter((one) => one === name).length, 2, name);
    }
    for (const name of [
      "CheckPoolPerm",
      "RevokeCredential",
      "SignUrl",
      "ReleaseGate",
      "ListGates",
    ]) {
      assert.ok(open.includes(name), name);
    }
  });
});

describe("U48: a token that was rotated", () => {
  it("is let in where its answer may be asked for again, for as long as the gate says", async () => {
    const fake = createFakeCredentials();
    const bench = await openBench({ credentials: fake.area });
    const { transport } = bench.wires[0] ?? assert.fail();
    const shown = bearer(fake.admit(makeCredential("runner", "x")));
    const { method: credentials } = CredentialService;
    await ask(transport, credentials.rotateCredential, {}, shown);
    await ask(transport, RunnerService.method.heartbeat, {}, shown);
    const asked = fake.asked.map(({ lostAnswerMs }) => lostAnswerMs);
    assert.deepEqual([asked[0], asked.at(-1)], [60_000, undefined]);
    await bench.close();
  });
});

function retryOf(details: readonly string[]): object | undefined {
  const [, hex] =
    details.find((detail) => detail.startsWith("google.rpc.RetryInfo "))?.split(" ") ?? [];
  if (hex === undefined) return undefined;
  const { retryDelay } = fromBinary(RetryInfoSchema, Buffer.from(hex, "hex"));
  assert.equal(Number(retryDelay?.seconds) * 1000 + (retryDelay?.nanos ?? 0) / 1e6, closedMs);
  return retryDelay && { seconds: retryDelay.seconds, nanos: retryDelay.nanos };
}
