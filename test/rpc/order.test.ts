import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { toBinary, create } from "@bufbuild/protobuf";
import {
  AclService,
  CheckPoolPermRequestSchema,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { askBinary, withUnknownField } from "./support/binary.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./support/bench.ts";
import { makeKey } from "./support/keys.ts";
import { createState, keys, usual } from "./support/world.ts";

const { method } = AclService;
const ann = bearer(keys.ann.token);
const scheduler = bearer(keys.scheduler.token);
const narrow = bearer(keys.narrow.token);
const unknownKey = bearer(makeKey("user:nobody@example.com").token);

const permission = "swarming.pools.createTask";
const poolPath = "/fleetgate.acl.v1.AclService/CheckPoolPerm";
const other = "user:bob@example.com";

describe("the order of faults in AclService", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = createState();
  });

  const askPool = (
    request: MessageInitShape<typeof CheckPoolPermRequestSchema>,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply> =>
    ask((bench.wires[0] ?? assert.fail()).transport, method.checkPoolPerm, request, headers);

  it("a missing or malformed credential comes before a missing snapshot", async () => {
    bench.replica.state = undefined;
    const malformed = { authorization: "Bearer fg1_ak_" };
    for (const headers of [{}, malformed]) {
      assert.equal(
        (await askPool({ permission, pool: "ci" }, headers)).reason,
        "CREDENTIAL_REQUIRED",
      );
    }
  });

  it("a missing snapshot comes before the syntax of the caller, whoever asks", async () => {
    bench.replica.state = undefined;
    for (const headers of [ann, unknownKey]) {
      const reply = await askPool({ caller: "?", permission, pool: "ci" }, headers);
      assert.equal(reply.code, "internal");
      assert.equal(reply.reason, "CHECK_UNAVAILABLE");
      assert.equal(reply.message, "the check could not be made; retry");
      assert.deepEqual(reply.metadata, {});
      assert.deepEqual(
        reply.details.map((detail) => detail.split(" ")[0]),
        ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"],
      );
      assert.equal(reply.metadataOfCall.get("fleetgate-revision"), null);
    }
  });

  it("a bad credential comes before an unknown field", async () => {
    const body = withUnknownField(
      toBinary(CheckPoolPermRequestSchema, create(CheckPoolPermRequestSchema)),
    );
    const refused = await askBinary(bench.servers, poolPath, body, {});
    assert.equal(refused.code, "unauthenticated");
  });

  it("a missing snapshot comes before an unknown field", async () => {
    bench.replica.state = undefined;
    const reply = await askBinary(bench.servers, poolPath, withUnknownField(new Uint8Array()), ann);
    assert.equal(reply.code, "internal");
    assert.match(reply.body, /CHECK_UNAVAILABLE/);
  });

  it("an unknown field comes before the syntax of the caller", async () => {
    const request = create(CheckPoolPermRequestSchema, { caller: "?" });
    const reply = await askBinary(
      bench.servers,
      poolPath,
      withUnknownField(toBinary(CheckPoolPermRequestSchema, request)),
      ann,
    );
    assert.equal(reply.code, "invalid_argument");
    assert.match(reply.body, /UNKNOWN_FIELD/);
  });

  it("the syntax of the caller comes before the on-behalf rule and before other syntax", async () => {
    for (const headers of [ann, scheduler]) {
      const reply = await askPool({ caller: "user:", permission: "?", pool: "" }, headers);
      assert.equal(reply.code, "invalid_argument");
      assert.equal(reply.reason, "INVALID_FIELD");
      assert.equal(reply.metadata["field"], "caller");
    }
  });

  it("the on-behalf rule comes before other syntax and before the check, in constant words", async () => {
    const replies = [
      await askPool({ caller: other, permission: "?", pool: "" }, ann),
      await askPool({ caller: other, permission, pool: "ci" }, ann),
      await askPool({ caller: other, permission, pool: "secret" }, ann),
      await askPool({ caller: other, permission, pool: "nowhere" }, ann),
    ];
    for (const reply of replies) {
      assert.equal(reply.code, "failed_precondition");
      assert.equal(reply.reason, "ON_BEHALF_OF_FORBIDDEN");
      assert.equal(reply.message, "this peer may not ask about this caller");
      assert.deepEqual(reply.details, replies[0]?.details);
    }
  });

  it("other syntax comes before the check", async () => {
    const cases: readonly (readonly [
      MessageInitShape<typeof CheckPoolPermRequestSchema>,
      string,
    ])[] = [
      [{ permission: "?", pool: "secret" }, "permission"],
      [{ permission, pool: "" }, "pool"],
      [{ permission, pool: "a:b" }, "pool"],
      [
        {
          permission,
          pool: "secret",
          consistency: { requirement: { case: "minimizeLatency", value: false } },
        },
        "consistency.minimize_latency",
      ],
    ];
    for (const [request, field] of cases) {
      const reply = await askPool(request, ann);
      assert.equal(reply.code, "invalid_argument", field);
      assert.equal(reply.metadata["field"], field);
      assert.notEqual(reply.metadata["rule"], "");
    }
  });

  it("an exception in the check is CHECK_UNAVAILABLE, and only the record has its cause", async () => {
    const cause = new Error("secret cause");
    const broken = {
      isMember: () => false,
      isMemberOfAny: () => {
        throw cause;
      },
      hasPermission: () => {
        throw cause;
      },
    };
    const state = createState();
    bench.replica.state = { ...state, snapshot: { ...state.snapshot, authDb: broken } };
    bench.records.length = 0;
    const reply = await askPool({ permission, pool: "ci" }, ann);
    assert.equal(reply.code, "internal");
    assert.equal(reply.reason, "CHECK_UNAVAILABLE");
    assert.doesNotMatch(JSON.stringify(reply), /secret cause/);
    assert.equal(bench.records[0]?.cause, cause);
  });
});

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
      account: "ann@example.com",
      permission: "swarming.tasks.actAs",
      realm: "acme:tasks",
    });
    const malformed = await ask(transport(), checkActAs, about(""), ann);
    assert.equal(malformed.metadata["field"], "service_account");
  });
});

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

  it("takes an empty list of pools to filter", async () => {
    const { transport } = bench.wires[0] ?? assert.fail();
    const reply = await ask(transport, method.filterPoolsByPerm, { permission, pools: [] }, ann);
    assert.deepEqual(reply.response, { revisionToken: createState().token });
  });
});

describe("the order of faults in the admin services", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({
      operations: {
        createApiKey: () => Promise.reject(new DomainError("LIMIT_EXCEEDED", "no", { limit: "x" })),
      },
    });
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.replica.state = createState();
  });

  const transport = () => (bench.wires[0] ?? assert.fail()).transport;
  const { create: createKey } = ApiKeyService.method;

  it("is credential, snapshot, group, unknown field, command", async () => {
    const path = "/fleetgate.admin.v1.ApiKeyService/Create";
    const strange = withUnknownField(new Uint8Array());
    assert.equal((await askBinary(bench.servers, path, strange, {})).code, "unauthenticated");
    assert.match((await askBinary(bench.servers, path, strange, ann)).body, /GROUP_REQUIRED/);
    const root = bearer(keys.root.token);
    assert.match((await askBinary(bench.servers, path, strange, root)).body, /UNKNOWN_FIELD/);
    assert.equal((await ask(transport(), createKey, {}, root)).reason, "LIMIT_EXCEEDED");
    bench.replica.state = undefined;
    const unavailable = await ask(transport(), createKey, {}, root);
    assert.equal(unavailable.code, "unavailable");
    assert.equal(unavailable.reason, "STORAGE_UNAVAILABLE");
    assert.equal(unavailable.details.length, 2);
    assert.equal((await ask(transport(), createKey, {})).reason, "CREDENTIAL_REQUIRED");
  });
});
