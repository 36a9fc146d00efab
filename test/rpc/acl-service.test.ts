import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { createState, keys } from "./support/world.ts";

const { checkServerPerm, checkPoolPerm, checkAllPoolsPerm, checkAnyPoolsPerm } = AclService.method;
const { filterPoolsByPerm, checkTaskPerm, checkBotPerm, checkCreateInRealm } = AclService.method;
const { checkActAs } = AclService.method;

const createTask = "swarming.pools.createTask";

describe("AclService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const ann = bearer(keys.ann.token);
  const scheduler = bearer(keys.scheduler.token);

  it("permits over every protocol, with the revision token in a field and a header", async () => {
    const { revisionToken: token } = createState();
    for (const { name, transport } of bench.wires) {
      const request = { permission: createTask, pool: "ci" };
      const reply = await ask(transport, checkPoolPerm, request, ann);
      assert.equal(reply.code, "ok", name);
      assert.deepEqual(reply.response, { revisionToken: token }, name);
      assert.equal(reply.metadataOfCall.get("fleetgate-revision"), token, name);
      assert.equal(reply.metadataOfCall.get("cache-control"), "no-store", name);
      assert.match(reply.metadataOfCall.get("x-request-id") ?? "", /^request-\d+$/, name);
    }
  });

  it("denies over every protocol, with the same words and details", async () => {
    for (const { name, transport } of bench.wires) {
      const request = { permission: createTask, pool: "secret" };
      const reply = await ask(transport, checkPoolPerm, request, ann);
      assert.equal(reply.code, "permission_denied", name);
      assert.equal(reply.reason, "PERMISSION_DENIED", name);
      assert.deepEqual(
        reply.metadata,
        { caller: "user:ann@example.com", permission: createTask, pool: "secret" },
        name,
      );
      assert.match(reply.message, /"secret"/, name);
      assert.doesNotMatch(reply.message, /acme/, name);
      assert.equal(
        reply.metadataOfCall.get("fleetgate-revision"),
        createState().revisionToken,
        name,
      );
    }
  });

  it("answers every kind of check, for the peer and on behalf of others", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const caller = "user:ann@example.com";
    const task = { taskId: "t1", realm: "acme:tasks", pool: "", botId: "", submitter: "" };
    const codes = await Promise.all(
      [
        ask(transport, checkServerPerm, { permission: "swarming.servers.peek" }, ann),
        ask(
          transport,
          checkServerPerm,
          { caller: "user:root@example.com", permission: "swarming.servers.peek" },
          scheduler,
        ),
        ask(
          transport,
          checkAllPoolsPerm,
          { caller, permission: createTask, pools: ["ci", "ci"] },
          scheduler,
        ),
        ask(
          transport,
          checkAllPoolsPerm,
          { caller, permission: createTask, pools: ["ci", "secret"] },
          scheduler,
        ),
        ask(
          transport,
          checkAnyPoolsPerm,
          { caller, permission: createTask, pools: ["secret", "ci"] },
          scheduler,
        ),
        ask(
          transport,
          checkAnyPoolsPerm,
          { caller, permission: createTask, pools: ["secret"] },
          scheduler,
        ),
        ask(transport, checkTaskPerm, { permission: "swarming.tasks.cancel", task }, ann),
        ask(transport, checkTaskPerm, { permission: "swarming.tasks.cancel", task }, scheduler),
        ask(transport, checkBotPerm, { permission: "swarming.pools.listBots", botId: "ci-1" }, ann),
        ask(
          transport,
          checkBotPerm,
          { permission: "swarming.pools.listBots", botId: "hidden-1" },
          ann,
        ),
        ask(transport, checkCreateInRealm, { realm: "acme:tasks" }, ann),
        ask(transport, checkCreateInRealm, { realm: "acme:other" }, ann),
        ask(
          transport,
          checkActAs,
          { serviceAccount: "robot@example.com", realm: "acme:tasks" },
          scheduler,
        ),
        ask(
          transport,
          checkActAs,
          { serviceAccount: "other@example.com", realm: "acme:tasks" },
          scheduler,
        ),
      ].map(async (reply) => (await reply).code),
    );
    const yes = "ok";
    const no = "permission_denied";
    assert.deepEqual(codes, [no, yes, yes, no, yes, no, yes, no, yes, no, yes, no, yes, no]);
  });

  it("keeps the pools in which the caller has the permission", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const pools = ["secret", "ci", "nowhere", "ci"];
    const reply = await ask(transport, filterPoolsByPerm, { permission: createTask, pools }, ann);
    assert.deepEqual(reply.response, {
      revisionToken: createState().revisionToken,
      pools: ["ci", "ci"],
    });
  });

  it("takes a caller that is the peer in other letters for the peer", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const caller = "user:ANN@example.com";
    const task = { taskId: "t1", submitter: caller };
    const permission = "swarming.tasks.get";
    const own = await ask(transport, checkTaskPerm, { caller, permission, task }, ann);
    assert.equal(own.code, "permission_denied");
    assert.equal(own.metadata["caller"], "user:ann@example.com");
    const other = await ask(transport, checkTaskPerm, { caller, permission, task }, scheduler);
    assert.equal(other.code, "ok");
  });

  it("tells what became of each call, with its peer, caller and permission", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const caller = "user:ann@example.com";
    bench.records.length = 0;
    await ask(
      transport,
      checkPoolPerm,
      { caller, permission: createTask, pool: "secret" },
      scheduler,
    );
    const [record, ...more] = bench.records;
    assert.deepEqual(more, []);
    assert.ok(record !== undefined && record.ms >= 0);
    assert.deepEqual(
      { ...record, ms: 0, requestId: "", message: "" },
      {
        method: "fleetgate.acl.v1.AclService/CheckPoolPerm",
        protocol: "grpc",
        requestId: "",
        ms: 0,
        code: "permission_denied",
        reason: "PERMISSION_DENIED",
        peer: "service:scheduler",
        credential: `api_key ${keys.scheduler.body.id}`,
        caller,
        permission: createTask,
        message: "",
        cause: undefined,
      },
    );
  });
});
