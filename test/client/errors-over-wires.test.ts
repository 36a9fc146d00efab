import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  createClients,
  detailRegistry,
  fromStatus,
  isDenied,
  reasonOf,
  revisionOf,
  toCallerError,
} from "../../src/client/index.ts";
import { bearer, openBench, type Bench } from "../rpc/support/bench.ts";
import { keys } from "../rpc/support/world.ts";
import { constant, formOf } from "./support/errors.ts";

describe("a server over every wire", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const denied = { permission: "swarming.pools.createTask", pool: "secret" };

  it("the denial of the single call and that in the batch are one, and go on as they are", async () => {
    assert.ok(bench.wires.length > 3);
    for (const { name, transport } of bench.wires) {
      const { acl } = createClients(transport);
      const headers = bearer(keys.ann.token);
      const single = await acl.checkPoolPerm(denied, { headers }).then(
        () => assert.fail("permitted"),
        (error: unknown) => error,
      );
      assert.ok(isDenied(single), name);
      assert.ok((revisionOf(single) ?? "").length > 0);
      const { outcomes } = await acl.batchCheck(
        { checks: [{ check: { case: "pool", value: denied } }] },
        { headers },
      );
      const inBatch = fromStatus(outcomes[0]?.status);
      assert.ok(isDenied(inBatch), name);
      assert.deepEqual(formOf(inBatch), formOf(single));
      assert.deepEqual(formOf(toCallerError(inBatch)), formOf(single));
      assert.deepEqual(formOf(toCallerError(single)), formOf(single));
    }
  });

  it("a wrong key is for us, not for our caller", async () => {
    for (const { transport } of bench.wires) {
      const error = await createClients(transport)
        .acl.checkPoolPerm(denied, { headers: bearer("fg1_wrong") })
        .catch((thrown: unknown) => thrown);
      assert.equal(reasonOf(error), "CREDENTIAL_REQUIRED");
      assert.deepEqual(formOf(toCallerError(error)), constant("CHECK_UNAVAILABLE"));
    }
  });

  it("detailRegistry knows what the details are", () => {
    assert.ok(detailRegistry.getMessage("google.rpc.ErrorInfo"));
    assert.ok(detailRegistry.getMessage("google.rpc.RetryInfo"));
  });
});
