import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as fc from "fast-check";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ConfigService } from "../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { InspectService } from "../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { createEngineFleetgate, InvalidConfigError } from "../../src/testing/index.ts";
import { arbitraryWorld } from "../conformance/support/arbitrary-world.ts";
import { configureWorld } from "../conformance/support/engine-world.ts";
import { chooseSeed } from "../conformance/support/tally.ts";
import { ask, bearer, openBench, type Bench } from "../rpc/support/bench.ts";
import { anyCheck } from "../rpc/support/checks.ts";
import { makeKey } from "../rpc/support/keys.ts";
import { createState } from "../rpc/support/world.ts";
import { askBatch, askOne, names } from "./support.ts";

const yaml = `
groups:
  - name: builders
    members: ["user:ann@example.com"]
projects:
  - name: app
    realms:
      - name: pools/ci
        bindings: [{ role: role/swarming.poolUser, principals: ["group:builders"] }]
pools:
  - { name: ci, realm: "app:pools/ci" }
`;
const createTask = { permission: "swarming.pools.createTask", pool: "ci" };
const { checkPoolPerm } = AclService.method;

describe("the engine Fleetgate answers as a server over the wire", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  test("for 500 questions about random worlds, each alone and all in one batch", async (context) => {
    const random = { seed: chooseSeed(context), numRuns: 25 };
    const worlds = fc.sample(arbitraryWorld, random);
    const questions = fc.sample(fc.array(anyCheck(names, true), exactly(20)), random);
    const codes = new Map<string, number>();
    for (const [index, world] of worlds.entries()) {
      const peer = index % 3 === 0 ? "service:s:1" : "user:ann@x.com";
      const key = makeKey(peer);
      bench.replica.state = createState(configureWorld(world), 7n, [key.body]);
      const local = createEngineFleetgate({ yaml: JSON.stringify(world), peer });
      const wire = bench.wires[index % bench.wires.length]!;
      for (const check of questions[index]!) {
        const expected = await askOne(wire.transport, check, bearer(key.token));
        assert.deepEqual(await askOne(local.transport, check), expected, JSON.stringify(check));
        codes.set(expected.code, (codes.get(expected.code) ?? 0) + 1);
      }
      const batch = await askBatch(wire.transport, questions[index]!, bearer(key.token));
      assert.deepEqual(await askBatch(local.transport, questions[index]!), batch);
      await local.close();
    }
    context.diagnostic(JSON.stringify(Object.fromEntries(codes)));
    assert.deepEqual(
      [...codes.keys()].toSorted(),
      ["failed_precondition", "invalid_argument", "ok", "permission_denied"],
      "questions that are all answered alike prove nothing",
    );
  });

  test("without a snapshot, and without a live key", async () => {
    const local = createEngineFleetgate({ yaml, peer: "user:ann@example.com" });
    const expired = makeKey("user:bob@example.com", { expiresAt: "2026-01-02T00:00:00.000Z" });
    const live = makeKey("user:ann@example.com");
    bench.replica.state = createState(undefined, 7n, [expired.body, live.body]);
    const check = { case: "pool" as const, value: createTask };
    const { transport } = bench.wires[0]!;

    const refused = await askOne(transport, check, bearer(expired.token));
    assert.equal(refused.reason, "CREDENTIAL_REQUIRED");
    const ours = local.createKey("user:bob@example.com", { expiresAt: new Date(0) });
    assert.deepEqual(await askOne(local.transport, check, bearer(ours)), refused);

    bench.replica.state = undefined;
    const unavailable = await askOne(transport, check, bearer(live.token));
    assert.equal(unavailable.reason, "CHECK_UNAVAILABLE");
    local.setAvailable(false);
    assert.deepEqual(await askOne(local.transport, check), unavailable);
    local.setAvailable(true);
    assert.equal((await askOne(local.transport, check)).code, "ok");
    await local.close();
  });
});

test("all problems of a configuration come in one error, each with file and line", () => {
  const broken = `
groups:
  - name: builders
    members: [ann]
pools:
  - { name: ci, realm: "nowhere" }
`;
  assert.throws(
    () => createEngineFleetgate({ yaml: [{ path: "fleet.yaml", text: broken }] }),
    (error) => {
      assert.ok(error instanceof InvalidConfigError);
      assert.match(error.message, /^fleet\.yaml:4: groups\[0\]\.members\[0\]: /m);
      assert.match(error.message, /^fleet\.yaml:6: pools\[0\]\.realm: /m);
      assert.ok(error.problems.length >= 2);
      return true;
    },
  );
});

test("an applied configuration is in force for the next call, and its token can be asked for", async () => {
  const fleetgate = createEngineFleetgate({ yaml, peer: "user:ann@example.com" });
  const client = createClient(AclService, fleetgate.transport);
  const before = fleetgate.revisionToken;
  assert.equal((await client.checkPoolPerm(createTask)).revisionToken, before);

  const token = fleetgate.apply(yaml.replace("ann@", "bob@"));
  assert.notEqual(token, before);
  const fresh = { requirement: { case: "atLeastAsFresh" as const, value: token } };
  const after = await ask(fleetgate.transport, checkPoolPerm, {
    ...createTask,
    consistency: fresh,
  });
  assert.equal(after.code, "permission_denied");
  assert.equal(after.metadataOfCall.get("fleetgate-revision"), token);
  const bob = createClient(AclService, fleetgate.transportOf("user:bob@example.com"));
  const latest = { requirement: { case: "fullyConsistent" as const, value: true } };
  await bob.checkPoolPerm({ ...createTask, consistency: fresh });
  await bob.checkPoolPerm({ ...createTask, consistency: latest });

  assert.throws(() => fleetgate.apply("pools: [{ name: '?' }]"), InvalidConfigError);
  await bob.checkPoolPerm(createTask);
  await fleetgate.close();
});

test("a token of another Fleetgate is foreign", async () => {
  const fleetgate = createEngineFleetgate({ yaml, peer: "user:ann@example.com" });
  const other = createEngineFleetgate({ yaml });
  const fresh = { requirement: { case: "atLeastAsFresh" as const, value: other.revisionToken } };
  const reply = await ask(fleetgate.transport, checkPoolPerm, {
    ...createTask,
    consistency: fresh,
  });
  assert.equal(reply.reason, "REVISION_TOKEN_FOREIGN");
  await Promise.all([fleetgate.close(), other.close()]);
});

test("admin services are UNIMPLEMENTED, for administrators at that", async () => {
  const admins = `groups: [{ name: administrators, members: ["user:ann@example.com"] }]`;
  const fleetgate = createEngineFleetgate({ yaml: admins, peer: "user:ann@example.com" });
  const get = await ask(fleetgate.transport, ConfigService.method.export, { source: "main" });
  assert.equal(get.code, "unimplemented");
  await fleetgate.close();
});

test("explanations come from the same engine", async () => {
  const fleetgate = createEngineFleetgate({ yaml, peer: "user:ann@example.com" });
  const inspect = createClient(InspectService, fleetgate.transport);
  const { outcome, revisionToken } = await inspect.explain({
    check: { case: "pool", value: createTask },
  });
  assert.equal(outcome?.code, 0);
  assert.equal(revisionToken, fleetgate.revisionToken);
  await fleetgate.close();
});

test("others reach it through a port of the loopback interface, until it is closed", async () => {
  const fleetgate = createEngineFleetgate({ yaml });
  const [{ url }, again] = await Promise.all([fleetgate.listen(), fleetgate.listen()]);
  assert.equal(again.url, url);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await fetch(`${url}/readyz`)).status, 200);

  const headers = bearer(fleetgate.createKey("user:ann@example.com"));
  const path = `${url}/fleetgate.acl.v1.AclService/CheckPoolPerm`;
  const json = { "content-type": "application/json", ...headers };
  const post = { method: "POST", headers: json, body: JSON.stringify(createTask) };
  assert.equal((await fetch(path, post)).status, 200);
  const grpc = createGrpcTransport({ baseUrl: url });
  assert.equal((await ask(grpc, checkPoolPerm, createTask, headers)).code, "ok");

  await fleetgate.close();
  await assert.rejects(fetch(path, post));
  assert.equal((await ask(fleetgate.transport, checkPoolPerm, createTask)).code, "unavailable");
  await assert.rejects(fleetgate.listen(), /closed/);
});

function exactly(count: number): { readonly minLength: number; readonly maxLength: number } {
  return { minLength: count, maxLength: count };
}
