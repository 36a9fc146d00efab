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
import { createState, keys } from "./support/world.ts";

const { method } = AclService;
const ann = bearer(keys.ann.token);
const scheduler = bearer(keys.scheduler.token);
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
      hasServerPermission: () => {
        throw cause;
      },
      hasPermission: () => {
        throw cause;
      },
      permissionTest: () => {
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
    const { transport } = bench.wires[0] ?? assert.fail();
    const item = { check: { case: "pool" as const, value: { permission, pool: "ci" } } };
    const batch = await ask(transport, AclService.method.batchCheck, { checks: [item] }, ann);
    assert.equal(batch.code, "ok");
    assert.doesNotMatch(JSON.stringify(batch.response), /secret cause/);
    assert.equal(bench.records[1]?.cause, cause, "in a batch too");
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
