import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { createState, keys, usual } from "./support/world.ts";

const { method } = AclService;
const ann = bearer(keys.ann.token);
const scheduler = bearer(keys.scheduler.token);
const narrow = bearer(keys.narrow.token);

const permission = "swarming.pools.createTask";
const other = "user:bob@example.com";

describe("the on-behalf rule", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const transport = () => (bench.wires[0] ?? assert.fail()).transport;
  const forbidden = { code: "failed_precondition", reason: "ON_BEHALF_OF_FORBIDDEN" };
  const brief = ({ code, reason }: Reply) => ({ code, reason });

  it("covers only what the delegation names", async () => {
    const caller = "user:ann@example.com";
    const good = { caller, permission, pool: "ci" };
    assert.equal((await ask(transport(), method.checkPoolPerm, good, narrow)).code, "ok");
    for (const change of [
      { caller: "user:ann@elsewhere.com" },
      { caller: "service:other" },
      { permission: "swarming.pools.listBots" },
      { pool: "secret" },
      { pool: "nowhere" },
      { pool: "a:b" },
    ]) {
      const reply = await ask(transport(), method.checkPoolPerm, { ...good, ...change }, narrow);
      assert.deepEqual(brief(reply), forbidden, JSON.stringify(change));
    }
  });

  it("takes malformed names for unknown ones", async () => {
    const delegations =
      usual.settings?.delegations.map((one) => ({ ...one, permissions: [] })) ?? [];
    const settings = { ...(usual.settings ?? assert.fail()), delegations };
    // Every bot that is in no group is in pool ci: a malformed id must not count as one of those.
    const everyBot = { name: "default", botIds: [], botIdPrefixes: [], pools: ["ci"] };
    const botGroups = [...usual.botGroups, everyBot];
    bench.replica.state = createState({ ...usual, settings, botGroups });
    const bot = { caller: other, permission: "swarming.pools.listBots" };
    const known = { ...bot, botId: "new-bot" };
    assert.equal(
      (await ask(transport(), method.checkBotPerm, known, narrow)).code,
      "permission_denied",
    );
    for (const botId of ["a:b", ""]) {
      const reply = await ask(transport(), method.checkBotPerm, { ...bot, botId }, narrow);
      assert.deepEqual(brief(reply), forbidden, botId);
    }
    const task = { taskId: "t", botId: "a:b" };
    const about = { caller: other, permission: "swarming.tasks.get", task };
    assert.deepEqual(brief(await ask(transport(), method.checkTaskPerm, about, narrow)), forbidden);
    const realm = { caller: other, realm: "acme:pools/ci\n" };
    assert.deepEqual(
      brief(await ask(transport(), method.checkCreateInRealm, realm, narrow)),
      forbidden,
    );
    bench.replica.state = createState();
  });

  it("refuses task: callers even to those who may ask about anybody", async () => {
    const request = { caller: "task:t1", permission: "swarming.servers.peek" };
    const reply = await ask(transport(), method.checkServerPerm, request, scheduler);
    assert.deepEqual(brief(reply), forbidden);
  });

  it("applies to the account of CheckActAs", async () => {
    const about = (serviceAccount: string) => ({ serviceAccount, realm: "acme:tasks" });
    const { checkActAs } = method;
    const refused = await ask(transport(), checkActAs, about("robot@example.com"), ann);
    assert.deepEqual(brief(refused), forbidden);
    const own = await ask(transport(), checkActAs, about("ann@example.com"), ann);
    assert.equal(own.code, "permission_denied");
    assert.deepEqual(own.metadata, {
      service_account: "ann@example.com",
      permission: "swarming.tasks.actAs",
      realm: "acme:tasks",
    });
    const malformed = await ask(transport(), checkActAs, about(""), ann);
    assert.equal(malformed.metadata["field"], "service_account");
  });
});
