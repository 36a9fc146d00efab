import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { DescMethodUnary } from "@bufbuild/protobuf";
import { GateArea, GateService } from "../../../src/gen/fleetgate/credential/v1/gate_service_pb.ts";
import { onPostgres } from "../../support/database.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "../support/bench.ts";
import { createFakeCredentials } from "../support/fake-credentials.ts";
import { keys } from "../support/world.ts";

const { acquireGate, renewGate, releaseGate, listGates } = GateService.method;
const lease = { area: GateArea.FLEET, holder: "m" };

onPostgres((_name, openTestStorage) => {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    const storage = await openTestStorage();
    const { area } = fake;
    bench = await openBench({ credentials: { ...area, commands: { ...area.commands, storage } } });
  });
  after(() => bench.close());

  it("acquires, renews, lists and releases, also what is closed by it", async () => {
    fake.closed.add("issue").add("fleet");
    const { transport } = bench.wires[0] ?? assert.fail();
    const root = bearer(keys.root.token);
    const isGood = (reply: Reply): Readonly<Record<string, unknown>> => {
      assert.equal(reply.code, "ok", reply.message);
      return reply.response as Readonly<Record<string, unknown>>;
    };
    const renew = { ...lease, lease: { seconds: 600n } };
    assert.equal((await ask(transport, renewGate, renew, root)).code, "not_found");
    const input = { ...lease, exclusive: true, reason: "why" };
    const got = isGood(await ask(transport, acquireGate, input, root));
    const { acquiredAt, leaseUntil, ...rest } = got["gate"] as Record<string, string>;
    assert.deepEqual(rest, {
      ...{ area: "GATE_AREA_FLEET", holder: "m", reason: "why", exclusive: true },
      acquiredBy: keys.root.body.identity,
    });
    assert.equal(Date.parse(leaseUntil ?? "") - Date.parse(acquiredAt ?? ""), 60_000);
    // As this process has the time of the database.
    assert.equal(Date.parse(String(got["inForceAt"])), fake.time + 5_000);
    const renewed = isGood(await ask(transport, renewGate, renew, root))["gate"];
    assert.deepEqual(isGood(await ask(transport, listGates, {}, root)), { gates: [renewed] });
    const until = Date.parse((renewed as Record<string, string>)["leaseUntil"] ?? "");
    assert.ok(until >= Date.parse(acquiredAt ?? "") + 600_000);
    isGood(await ask(transport, releaseGate, lease, root));
    assert.deepEqual(isGood(await ask(transport, listGates, {}, root)), {});
  });

  it("is for administrators, and wants an area that there is", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const methods: readonly DescMethodUnary[] = [acquireGate, renewGate, releaseGate];
    for (const method of methods) {
      const stranger = await ask(transport, method, { ...lease }, bearer(keys.ann.token));
      assert.equal(stranger.reason, "GROUP_REQUIRED");
      for (const area of [GateArea.UNSPECIFIED, 7 as GateArea]) {
        const request = { ...lease, area };
        const reply = await ask(transport, method, request, bearer(keys.root.token));
        assert.equal(reply.metadata["field"], "area");
      }
    }
  });
});
