import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import * as fc from "fast-check";
import { DomainError } from "../../src/domain/errors.ts";
import { isUnavailable, permittedIndexes } from "../../src/client/index.ts";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  createTableFleetgate,
  type TableAnswer,
  type TableFleetgate,
} from "../../src/testing/index.ts";
import { configureWorld } from "../conformance/support/engine-world.ts";
import { chooseSeed } from "../conformance/support/tally.ts";
import { bearer, openBench } from "../rpc/support/bench.ts";
import { anyCheck, type AnyCheck } from "../rpc/support/checks.ts";
import { makeKey } from "../rpc/support/keys.ts";
import { createState } from "../rpc/support/world.ts";
import { askBatch, askOne, names } from "./support.ts";

const permission = "swarming.pools.createTask";
const pool = (name: string, caller = ""): AnyCheck => ({
  case: "pool",
  value: { caller, permission, pool: name },
});
const many = (kind: "allPools" | "anyPools" | "filterPools", ...pools: string[]): AnyCheck =>
  ({ case: kind, value: { permission, pools } }) as AnyCheck;

async function codeOf(fleetgate: TableFleetgate, check: AnyCheck): Promise<string> {
  return (await askOne(fleetgate.transport, check)).code;
}

test("denials, refusals and INTERNAL are those of a server, in every byte", async (context) => {
  const bench = await openBench();
  context.after(() => bench.close());
  const key = makeKey("service:s:1");
  const world = {
    settings: { delegations: [{ group: "peers" }] },
    groups: [{ name: "peers", members: ["service:s:1"] }],
  };
  const state = createState(configureWorld(world), 7n, [key.body]);
  const tables = {
    deny: createTableFleetgate({ peer: "service:s:1" }),
    internal: createTableFleetgate({ peer: "service:s:1", otherwise: "internal" }),
    permit: createTableFleetgate({ peer: "service:s:1", otherwise: "permit" }),
  };
  const checks = fc
    .sample(anyCheck(names, true), { seed: chooseSeed(context), numRuns: 150 })
    .filter((check) => check.case !== "task" || check.value.task?.submitter === "");
  const counts = { denied: 0, refused: 0 };
  for (const [index, check] of checks.entries()) {
    const { transport } = bench.wires[index % bench.wires.length]!;
    bench.replica.state = state;
    const expected = await askOne(transport, check, bearer(key.token));
    assert.deepEqual(await askOne(tables.deny.transport, check), expected, JSON.stringify(check));
    const inBatch = await askBatch(transport, [check], bearer(key.token));
    assert.deepEqual(await askBatch(tables.deny.transport, [check]), inBatch);

    // A filter is never denied: of an empty fleet it keeps nothing.
    if (expected.code === "permission_denied" || expected.code === "ok") {
      bench.replica.state = undefined;
      const unavailable = await askOne(transport, check, bearer(key.token));
      assert.deepEqual(await askOne(tables.internal.transport, check), unavailable);
      assert.equal((await askOne(tables.permit.transport, check)).code, "ok");
      counts.denied += 1;
    } else {
      assert.deepEqual(await askOne(tables.permit.transport, check), expected, "not a decision");
      counts.refused += 1;
    }
  }
  assert.ok(counts.denied > 40 && counts.refused > 4, JSON.stringify(counts));
});

test("the first rule that fits answers; a rule fits when all that it gives is in the question", async () => {
  const fleetgate = createTableFleetgate({
    rules: [
      { caller: "user:eve@example.com", answer: "deny" },
      { permission, pool: "broken", answer: "internal" },
      { permission, pool: "ci", answer: "permit" },
      { bot: "b1", answer: "permit" },
      { task: "t1", realm: "app:tests", answer: "permit" },
      { realm: "app:tests", permission: "swarming.tasks.actAs", answer: "permit" },
    ],
  });
  const task = (realm: string): AnyCheck => ({
    case: "task",
    value: { permission: "swarming.tasks.get", task: { taskId: "t1", realm } },
  });
  const table: readonly (readonly [AnyCheck, string])[] = [
    [pool("ci"), "ok"],
    [pool("ci", "user:ann@example.com"), "ok"],
    [pool("ci", "user:Eve@example.com"), "permission_denied"],
    [pool("broken"), "internal"],
    [pool("other"), "permission_denied"],
    [{ case: "server", value: { permission } }, "permission_denied"],
    [{ case: "bot", value: { permission: "swarming.pools.listBots", botId: "b1" } }, "ok"],
    [task("app:tests"), "ok"],
    [task("app:other"), "permission_denied"],
    [{ case: "actAs", value: { serviceAccount: "r@example.com", realm: "app:tests" } }, "ok"],
    [{ case: "createInRealm", value: { realm: "app:tests" } }, "permission_denied"],
    [many("allPools", "ci", "ci"), "ok"],
    [many("allPools", "ci", "other"), "permission_denied"],
    [many("anyPools", "other", "ci"), "ok"],
    [many("anyPools", "other", "another"), "permission_denied"],
    [many("anyPools", "ci", "broken"), "internal"],
    [many("filterPools", "ci", "broken"), "internal"],
  ];
  for (const [check, code] of table) {
    assert.equal(await codeOf(fleetgate, check), code, JSON.stringify(check));
  }
});

test("a filter keeps the pools that the table permits, in their order; of none, none", async () => {
  const fleetgate = createTableFleetgate({
    rules: [{ pool: "b", answer: "deny" }],
    otherwise: "permit",
  });
  const client = createClient(AclService, fleetgate.transport);
  const kept = await client.filterPoolsByPerm({ permission, pools: ["c", "b", "a", "c"] });
  assert.deepEqual(kept.pools, ["c", "a", "c"]);
  assert.deepEqual((await client.filterPoolsByPerm({ permission, pools: [] })).pools, []);
});

test("a submitter gets what the table says, not what the server would", async () => {
  const fleetgate = createTableFleetgate();
  const task = { taskId: "t1", submitter: "service:tested" };
  const check: AnyCheck = { case: "task", value: { permission: "swarming.tasks.get", task } };
  assert.equal(await codeOf(fleetgate, check), "permission_denied");
});

test("what was asked is on record, with the caller that it was about", async () => {
  const fleetgate = createTableFleetgate({ rules: [{ pool: "ci", answer: "permit" }] });
  await askOne(fleetgate.transport, pool("ci"));
  await askOne(fleetgate.transport, pool("a:b\n"));
  const other = fleetgate.transportOf("user:ann@example.com");
  await askBatch(other, [pool("secret"), many("filterPools", "ci", "secret")]);
  const asked = { bot: "", task: "", realm: "", permission };
  const recorded = [
    { ...asked, check: "pool", caller: "service:tested", pools: ["ci"], answer: "permit" },
    { ...asked, check: "pool", caller: "user:ann@example.com", pools: ["secret"], answer: "deny" },
    {
      ...asked,
      check: "filterPools",
      caller: "user:ann@example.com",
      pools: ["ci", "secret"],
      answer: "permit",
    },
  ];
  assert.deepEqual(fleetgate.questions, recorded);
  fleetgate.forget();
  assert.deepEqual(fleetgate.questions, []);
});

test("rules can be put in the place of others", async () => {
  const fleetgate = createTableFleetgate();
  assert.equal(await codeOf(fleetgate, pool("ci")), "permission_denied");
  fleetgate.setRules([{ answer: "permit" }]);
  assert.equal(await codeOf(fleetgate, pool("ci")), "ok");
});

test("a rule that can never fit is refused, by the name of its field", () => {
  const answer: TableAnswer = "permit";
  const rules = [
    { caller: "ann", answer },
    { permission: "create", answer },
    { pool: "", answer },
    { bot: "a:b", answer },
    { task: "", answer },
    { realm: "tests", answer },
  ];
  for (const rule of rules) {
    assert.throws(
      () => createTableFleetgate({ rules: [{ answer }, rule] }),
      (error) =>
        error instanceof DomainError &&
        error.metadata["field"] === `rules[1].${Object.keys(rule)[0]}`,
    );
  }
  assert.throws(() => createTableFleetgate({ peer: "nobody" }), DomainError);
});

test("a packed batch looks each resource up as its single check does", async () => {
  const fleetgate = createTableFleetgate({
    rules: [
      { pool: "broken", answer: "internal" },
      { pool: "ci", answer: "permit" },
      { bot: "b1", answer: "permit" },
      { task: "t2", answer: "permit" },
    ],
  });
  const client = createClient(AclService, fleetgate.transport);
  const names = ["other", "ci", "other"];
  const pools = { case: "pools" as const, value: { names } };
  const packed = await client.batchCheckPacked({ permission, resources: pools, reasons: true });
  assert.deepEqual(permittedIndexes(packed.permitted), [1]);
  const single = await askOne(fleetgate.transport, pool("other"));
  for (const [at, { index, status }] of packed.denials.entries()) {
    assert.equal(index, [0, 2][at]);
    assert.equal(status?.message, single.message);
  }
  assert.equal(packed.denials.length, 2);

  const listBots = "swarming.pools.listBots";
  const bots = { case: "bots" as const, value: { ids: ["b0", "b1"] } };
  const onBots = await client.batchCheckPacked({ permission: listBots, resources: bots });
  assert.deepEqual(permittedIndexes(onBots.permitted), [1]);
  const get = "swarming.tasks.get";
  const infos = [{ taskId: "t1", submitter: "service:tested" }, { taskId: "t2" }];
  const tasks = { case: "tasks" as const, value: { infos } };
  const onTasks = await client.batchCheckPacked({ permission: get, resources: tasks });
  assert.deepEqual(
    permittedIndexes(onTasks.permitted),
    [1],
    "the table decides about submitters too",
  );
  assert.deepEqual(
    fleetgate.questions.map(({ check, pools: asked, bot, task, answer }) => [
      ...[check, asked.join(), bot, task, answer],
    ]),
    [
      ["pool", "other", "", "", "deny"],
      ["pool", "ci", "", "", "permit"],
      ["pool", "other", "", "", "deny"],
      ["pool", "other", "", "", "deny"],
      ["bot", "", "b0", "", "deny"],
      ["bot", "", "b1", "", "permit"],
      ["task", "", "", "t1", "deny"],
      ["task", "", "", "t2", "permit"],
    ],
  );

  const broken = { case: "pools" as const, value: { names: ["ci", "broken"] } };
  await assert.rejects(client.batchCheckPacked({ permission, resources: broken }), isUnavailable);
  await fleetgate.close();
});
