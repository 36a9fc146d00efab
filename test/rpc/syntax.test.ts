import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { createState, keys } from "./support/world.ts";

const { method } = AclService;
const ann = bearer(keys.ann.token);

const permission = "swarming.pools.createTask";

describe("the syntax of requests", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  it("names the field and the rule", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const task = { taskId: "t1" };
    const get = "swarming.tasks.get";
    const many = Array.from({ length: 10_001 }, () => "p");
    const asked = {
      permission: ask(transport, method.checkServerPerm, { permission: "a.b" }, ann),
      pools: ask(transport, method.checkAllPoolsPerm, { permission, pools: [] }, ann),
      "pools ": ask(transport, method.checkAnyPoolsPerm, { permission, pools: [] }, ann),
      "pools  ": ask(transport, method.checkAnyPoolsPerm, { permission, pools: many }, ann),
      "pools   ": ask(transport, method.filterPoolsByPerm, { permission, pools: many }, ann),
      "pools[1]": ask(transport, method.filterPoolsByPerm, { permission, pools: ["a", " b"] }, ann),
      bot_id: ask(transport, method.checkBotPerm, { permission, botId: "a\n" }, ann),
      realm: ask(transport, method.checkCreateInRealm, { realm: "acme" }, ann),
      "realm ": ask(
        transport,
        method.checkActAs,
        { serviceAccount: "ann@example.com", realm: "" },
        ann,
      ),
      "permission ": ask(transport, method.checkTaskPerm, { permission, task }, ann),
      task: ask(transport, method.checkTaskPerm, { permission: get }, ann),
      "task.task_id": ask(transport, method.checkTaskPerm, { permission: get, task: {} }, ann),
      "task.realm": ask(
        transport,
        method.checkTaskPerm,
        { permission: get, task: { ...task, realm: "acme:" } },
        ann,
      ),
      "task.pool": ask(
        transport,
        method.checkTaskPerm,
        { permission: get, task: { ...task, pool: "a:b" } },
        ann,
      ),
      "task.bot_id": ask(
        transport,
        method.checkTaskPerm,
        { permission: get, task: { ...task, pool: "ci", botId: "a:b" } },
        ann,
      ),
      "task.submitter": ask(
        transport,
        method.checkTaskPerm,
        { permission: get, task: { ...task, submitter: "ann" } },
        ann,
      ),
    };
    for (const [field, pending] of Object.entries(asked)) {
      const reply = await pending;
      assert.equal(reply.code, "invalid_argument", field);
      assert.equal(reply.reason, "INVALID_FIELD", field);
      assert.equal(reply.metadata["field"], field.trim());
      assert.equal(reply.message, `${field.trim()}: ${reply.metadata["rule"]}`);
    }
  });

  it("wants a pool to check all or any of, and a permission on tasks, whoever asks", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const root = bearer(keys.root.token);
    const task = { taskId: "t1" };
    for (const headers of [ann, root]) {
      const none = { permission, pools: [] };
      const all = await ask(transport, method.checkAllPoolsPerm, none, headers);
      assert.equal(all.message, "pools: must name at least one pool");
      const any = await ask(transport, method.checkAnyPoolsPerm, none, headers);
      assert.equal(any.message, all.message);
      const reply = await ask(transport, method.checkTaskPerm, { permission, task }, headers);
      assert.equal(
        reply.message,
        'permission: must be "swarming.tasks.get" or "swarming.tasks.cancel"',
      );
    }
  });

  it("takes an empty list of pools to filter", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const reply = await ask(transport, method.filterPoolsByPerm, { permission, pools: [] }, ann);
    assert.deepEqual(reply.response, { revisionToken: createState().revisionToken });
  });
});
