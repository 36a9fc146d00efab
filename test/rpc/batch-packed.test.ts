import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { create, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import {
  AclService,
  BatchCheckPackedRequestSchema,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { askBinary, withUnknownField } from "./support/binary.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { createState, delegation, keys, usual } from "./support/world.ts";

const { method } = AclService;
const { batchCheckPacked } = method;
const path = "/fleetgate.acl.v1.AclService/BatchCheckPacked";
const permission = "swarming.pools.createTask";
const ann = bearer(keys.ann.token);
const narrow = bearer(keys.narrow.token);
const scheduler = bearer(keys.scheduler.token);

type Request = Exclude<
  MessageInitShape<typeof BatchCheckPackedRequestSchema>,
  { readonly $typeName: string }
>;

const pools = (...names: string[]): Request => ({
  permission,
  resources: { case: "pools", value: { names } },
});
const bots = (...ids: string[]): Request => ({
  permission: "swarming.pools.listBots",
  resources: { case: "bots", value: { ids } },
});
const tasks = (...infos: object[]): Request => ({
  permission: "swarming.tasks.get",
  resources: { case: "tasks", value: { infos } },
});

describe("BatchCheckPacked", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = createState();
  });

  const transport = () => (bench.wires[0] ?? assert.fail()).transport;
  const askPacked = (request: Request, headers = ann): Promise<Reply> =>
    ask(transport(), batchCheckPacked, request, headers);
  const bitsOf = async (request: Request, headers = ann): Promise<readonly number[]> => {
    const { message } = await transport().unary(
      batchCheckPacked,
      undefined,
      undefined,
      headers,
      request,
    );
    assert.deepEqual(message.denials, []);
    return [...message.permitted];
  };

  it("answers a bit for each resource, the least significant first, in the order of the request", async () => {
    assert.deepEqual(await bitsOf(pools("ci")), [1]);
    assert.deepEqual(await bitsOf(pools("secret", "ci", "nowhere", "ci")), [0b1010]);
    const nine = ["ci", ...Array.from({ length: 7 }, () => "secret"), "ci"];
    assert.deepEqual(await bitsOf(pools(...nine)), [1, 1]);
    assert.deepEqual(await bitsOf(pools(...nine.slice(0, 8))), [1]);
    assert.deepEqual(await bitsOf(pools(...nine.slice(1))), [0b1000_0000]);
    assert.deepEqual(await bitsOf(bots("hidden-1", "ci-1", "new-1")), [0b010]);
    const about = { taskId: "t1" };
    assert.deepEqual(
      await bitsOf(
        tasks(
          about,
          { ...about, submitter: "user:ann@example.com" },
          { ...about, pool: "ci", botId: "hidden-1" },
          { ...about, pool: "secret", botId: "ci-1" },
          { ...about, botId: "ci-1" },
          { ...about, realm: "acme:pools/ci" },
        ),
      ),
      [0b010110],
    );
  });

  it("answers all bits to whoever has the permission at the server level, unknown pools included", async () => {
    const root = bearer(keys.root.token);
    const many = Array.from({ length: 1000 }, (_, index) => `pool-${index}`);
    const request = { ...pools(...many), permission: "swarming.pools.listBots" };
    assert.deepEqual(
      await bitsOf(request, root),
      Array.from({ length: 125 }, () => 255),
    );
    assert.deepEqual(await bitsOf({ ...bots("a", "b", "c") }, root), [0b111]);
    assert.deepEqual(await bitsOf(tasks({ taskId: "t" }), root), [1]);
  });

  it("answers over every protocol, with the statuses of the single calls when they are wanted", async () => {
    const names = ["secret", "ci", "nowhere"];
    const single = [];
    for (const pool of ["secret", "nowhere"]) {
      single.push(await ask(transport(), method.checkPoolPerm, { permission, pool }, ann));
    }
    for (const wire of bench.wires) {
      const { message } = await wire.transport.unary(batchCheckPacked, undefined, undefined, ann, {
        ...pools(...names),
        reasons: true,
      });
      assert.equal(message.revisionToken, createState().revisionToken, wire.name);
      assert.deepEqual([...message.permitted], [0b010]);
      const told = message.denials.map(({ index, status }) => ({
        index,
        message: status?.message,
        details: status?.details.map(
          ({ typeUrl, value }) =>
            `${typeUrl.replace("type.googleapis.com/", "")} ${Buffer.from(value).toString("hex")}`,
        ),
      }));
      assert.deepEqual(
        told,
        single.map((reply, at) => ({
          index: [0, 2][at],
          message: reply.message,
          details: reply.details,
        })),
        wire.name,
      );
      assert.ok(message.denials.every(({ status }) => status?.code === 7));
    }
  });

  it("wants resources, 1 to 1,000 of them, each well-formed, and names the one that is not", async () => {
    const many = Array.from({ length: 1001 }, () => "a");
    const task = { taskId: "t" };
    const table: readonly (readonly [Request, string])[] = [
      [{ permission }, "resources"],
      [{ ...pools("ci"), permission: "a.b" }, "permission"],
      [pools(), "pools.names"],
      [pools(...many), "pools.names"],
      [pools("a", "b", "c", "d", "e", "f:", ":"), "pools.names[5]"],
      [bots(), "bots.ids"],
      [bots(...many), "bots.ids"],
      [bots("a", " b"), "bots.ids[1]"],
      [tasks(), "tasks.infos"],
      [tasks(...many.map(() => task)), "tasks.infos"],
      [{ ...tasks(task), permission }, "permission"],
      [tasks(task, {}), "tasks.infos[1].task_id"],
      [tasks(task, { ...task, realm: "acme" }), "tasks.infos[1].realm"],
      [tasks({ ...task, pool: "a:b" }), "tasks.infos[0].pool"],
      [tasks({ ...task, pool: "ci", botId: "a:b" }), "tasks.infos[0].bot_id"],
      [tasks({ ...task, submitter: "ann" }), "tasks.infos[0].submitter"],
      [
        {
          ...pools("ci"),
          consistency: { requirement: { case: "minimizeLatency", value: false } },
        },
        "consistency.minimize_latency",
      ],
    ];
    for (const headers of [ann, bearer(keys.root.token)]) {
      for (const [request, field] of table) {
        const reply = await askPacked(request, headers);
        assert.equal(reply.code, "invalid_argument", field);
        assert.equal(reply.reason, "INVALID_FIELD", field);
        assert.equal(reply.metadata["field"], field);
      }
    }
    const rules = await askPacked(pools());
    assert.equal(rules.message, "pools.names: must hold 1 to 1000 names");
    assert.equal((await askPacked(pools(...many.slice(1)))).code, "ok");
  });

  it("goes in the order of the single calls: caller, on-behalf rule, all else", async () => {
    const malformed = { ...pools(":"), permission: "?" };
    const first = await askPacked({ ...malformed, caller: "user:" });
    assert.equal(first.metadata["field"], "caller");
    const second = await askPacked({ ...malformed, caller: "user:bob@example.com" });
    assert.equal(second.reason, "ON_BEHALF_OF_FORBIDDEN");
    const none = await askPacked({ permission, caller: "task:t1" }, scheduler);
    assert.equal(none.reason, "ON_BEHALF_OF_FORBIDDEN");
    const third = await askPacked(malformed);
    assert.equal(third.metadata["field"], "permission");
    bench.replica.state = undefined;
    assert.equal((await askPacked({ ...malformed, caller: "user:" })).reason, "CHECK_UNAVAILABLE");
  });

  it("wants one delegation that covers everything that is named", async () => {
    const narrowTo = (...realms: string[]) =>
      delegation("narrow", { callerGlobs: ["user:*@example.com"], realms });
    const settings = {
      ...(usual.settings ?? assert.fail()),
      delegations: [narrowTo("acme:pools/ci", "acme:tasks"), narrowTo("acme:pools/secret")],
    };
    bench.replica.state = createState({ ...usual, settings });
    const caller = "user:ann@example.com";
    const inCi = { taskId: "t", pool: "ci" };
    const table: readonly (readonly [Request, string])[] = [
      [pools("ci", "ci"), "ok"],
      [pools("secret"), "ok"],
      [pools("ci", "secret"), "failed_precondition"],
      [pools("ci", "nowhere"), "failed_precondition"],
      [pools("ci", "a:b"), "failed_precondition"],
      [pools(), "failed_precondition"],
      [{ permission }, "failed_precondition"],
      [bots("ci-1"), "ok"],
      [bots("ci-1", "hidden-1"), "failed_precondition"],
      [bots("ci-1", "a:b"), "failed_precondition"],
      [bots("ci-1", "stranger"), "failed_precondition"],
      [tasks(inCi, { taskId: "u", realm: "acme:tasks" }, { taskId: "v", botId: "ci-1" }), "ok"],
      [tasks({ ...inCi, botId: "hidden-1" }), "ok"],
      [tasks(inCi, { taskId: "u", realm: "acme:pools/secret" }), "failed_precondition"],
      [tasks(inCi, { taskId: "u", pool: "secret" }), "failed_precondition"],
      [tasks(inCi, { taskId: "u", botId: "hidden-1" }), "failed_precondition"],
      // What alone is a question about no realm is not covered because of what stands beside it.
      [tasks(inCi, { taskId: "u" }), "failed_precondition"],
      [tasks(inCi, { taskId: "u", submitter: caller }), "failed_precondition"],
    ];
    for (const [request, code] of table) {
      const reply = await askPacked({ ...request, caller }, narrow);
      assert.equal(reply.code, code, JSON.stringify(request));
    }
  });

  it("fails as a whole when a check cannot be made, and only the record has the cause", async () => {
    const cause = new Error("secret cause");
    const state = createState();
    const fail = (): never => {
      throw cause;
    };
    const authDb = { ...state.snapshot.authDb, hasPermission: fail, permissionTest: fail };
    bench.replica.state = { ...state, snapshot: { ...state.snapshot, authDb } };
    bench.records.length = 0;
    for (const request of [
      pools("nowhere", "ci"),
      bots("ci-1"),
      tasks({ taskId: "t", pool: "ci" }),
    ]) {
      const reply = await askPacked(request);
      assert.equal(reply.code, "internal");
      assert.equal(reply.reason, "CHECK_UNAVAILABLE");
      assert.doesNotMatch(JSON.stringify(reply), /secret cause/);
    }
    assert.deepEqual(
      bench.records.map((record) => record.cause),
      [cause, cause, cause],
    );
  });

  it("tells the log the caller and the permission", async () => {
    bench.records.length = 0;
    await askPacked(pools("ci"));
    await askPacked({ ...pools("ci"), caller: "user:bob@example.com" }, scheduler);
    assert.deepEqual(
      bench.records.map(({ caller, permission: asked, code }) => [caller, asked, code]),
      [
        ["user:ann@example.com", permission, "ok"],
        ["user:bob@example.com", permission, "ok"],
      ],
    );
  });

  it("refuses a field that it does not know, inside of its resources too", async () => {
    const request = create(BatchCheckPackedRequestSchema, tasks({ taskId: "t" }));
    const good = toBinary(BatchCheckPackedRequestSchema, request);
    assert.equal((await askBinary(bench.servers, path, good, ann)).code, "ok");
    const outside = await askBinary(bench.servers, path, withUnknownField(good), ann);
    assert.match(outside.body, /in fleetgate.acl.v1.BatchCheckPackedRequest"/);
    assert.ok(request.resources.case === "tasks");
    const [task = assert.fail()] = request.resources.value.infos;
    task.$unknown = [{ no: 999, wireType: WireType.Varint, data: new Uint8Array([1]) }];
    const strange = toBinary(BatchCheckPackedRequestSchema, request);
    const inside = await askBinary(bench.servers, path, strange, ann);
    assert.equal(inside.code, "invalid_argument");
    assert.match(inside.body, /in fleetgate.acl.v1.TaskInfo"/);
  });
});
