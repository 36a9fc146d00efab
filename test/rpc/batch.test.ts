import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { WireType } from "@bufbuild/protobuf/wire";
import * as fc from "fast-check";
import {
  AclService,
  BatchCheckRequestSchema,
} from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Status } from "../../src/gen/google/rpc/status_pb.ts";
import { askBinary, withUnknownField } from "./support/binary.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { anyCheck, singleCalls } from "./support/checks.ts";
import { createState, keys } from "./support/world.ts";

const { batchCheck } = AclService.method;
const permission = "swarming.pools.createTask";
const ann = bearer(keys.ann.token);

const names = {
  callers: ["user:ann@example.com", "user:bob@example.com", "user:robot@example.com", "task:t1"],
  pools: ["ci", "secret", "nowhere"],
  bots: ["ci-1", "hidden-1", "new-1"],
  realms: ["acme:pools/ci", "acme:tasks", "acme:other"],
};

describe("BatchCheck", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const transport = () => (bench.wires[0] ?? assert.fail()).transport;

  it("answers each check as the single call does, in the order of the request", async () => {
    const peers = fc.constantFrom(keys.ann, keys.scheduler, keys.narrow, keys.root);
    const checks = fc.array(anyCheck(names, true), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(peers, checks, async (peer, items) => {
        const headers = bearer(peer.token);
        const batch = await transport().unary(batchCheck, undefined, undefined, headers, {
          checks: items.map((check) => ({ check })),
        });
        const { outcomes, revisionToken } = batch.message;
        assert.equal(revisionToken, createState().revisionToken);
        assert.equal(outcomes.length, items.length);
        for (const [index, { case: kind, value }] of items.entries()) {
          const single = await ask(transport(), singleCalls[kind], value as never, headers);
          const { status, pools } = outcomes[index] ?? assert.fail();
          const { message, details } = single;
          const code = codeFromString(single.code) ?? 0;
          assert.deepEqual(shown(status), { code, message, details }, kind);
          const kept = (single.response as { pools?: string[] } | undefined)?.pools ?? [];
          assert.deepEqual(pools, kept, kind);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("answers over every protocol", async () => {
    const checks = ["ci", "secret"].map((pool) => ({
      check: { case: "pool" as const, value: { permission, pool } },
    }));
    for (const wire of bench.wires) {
      const reply = await wire.transport.unary(batchCheck, undefined, undefined, ann, { checks });
      const { outcomes } = reply.message;
      assert.deepEqual(
        outcomes.map(({ status }) => [status?.code, status?.details.length]),
        [
          [0, 0],
          [7, 1],
        ],
        wire.name,
      );
    }
  });

  it("refuses no checks, and too many", async () => {
    const check = { check: { case: "server", value: { permission } } } as const;
    for (const checks of [[], Array.from({ length: 1001 }, () => check)]) {
      const reply = await ask(transport(), batchCheck, { checks }, ann);
      assert.equal(reply.code, "invalid_argument");
      assert.deepEqual(reply.metadata, { field: "checks", rule: "must hold 1 to 1000 checks" });
    }
    const most = Array.from({ length: 1000 }, () => check);
    assert.equal((await ask(transport(), batchCheck, { checks: most }, ann)).code, "ok");
  });

  it("answers a check with a consistency of its own, and an empty one, INVALID_ARGUMENT", async () => {
    const requirement = { case: "minimizeLatency", value: true } as const;
    const value = { permission, pool: "ci", consistency: { requirement } };
    const checks = [{ check: { case: "pool" as const, value } }, {}];
    const reply = await transport().unary(batchCheck, undefined, undefined, ann, { checks });
    const { outcomes } = reply.message;
    assert.deepEqual(
      outcomes.map(({ status }) => status?.message.split(":")[0]),
      ["consistency", "check"],
    );
  });

  it("fails as a whole when its own consistency is malformed or cannot be had", async () => {
    const checks = [{ check: { case: "pool" as const, value: { permission, pool: "ci" } } }];
    const malformed = { requirement: { case: "atLeastAsFresh", value: "?" } } as const;
    const refused = await ask(transport(), batchCheck, { checks, consistency: malformed }, ann);
    assert.equal(refused.metadata["field"], "consistency.at_least_as_fresh");
    bench.replica.failure = new Error("no storage");
    const full = { requirement: { case: "fullyConsistent", value: true } } as const;
    const late = await ask(transport(), batchCheck, { checks, consistency: full }, ann);
    assert.equal(late.reason, "FRESHNESS_NOT_REACHED");
    bench.replica.failure = undefined;
  });

  it("refuses a field that it does not know, inside a check too", async () => {
    const value = { permission, pool: "ci" };
    const request = create(BatchCheckRequestSchema, {
      checks: [{ check: { case: "pool", value } }],
    });
    const path = "/fleetgate.acl.v1.AclService/BatchCheck";
    const good = toBinary(BatchCheckRequestSchema, request);
    assert.equal((await askBinary(bench.servers, path, good, ann)).code, "ok");
    const outside = await askBinary(bench.servers, path, withUnknownField(good), ann);
    assert.match(outside.body, /in fleetgate.acl.v1.BatchCheckRequest"/);
    const inner = request.checks[0]?.check.value ?? assert.fail();
    inner.$unknown = [{ no: 999, wireType: WireType.Varint, data: new Uint8Array([1]) }];
    const strange = toBinary(BatchCheckRequestSchema, request);
    assert.notDeepEqual(strange, good);
    const inside = await askBinary(bench.servers, path, strange, ann);
    assert.equal(inside.code, "invalid_argument");
    assert.match(inside.body, /in fleetgate.acl.v1.CheckPoolPermRequest"/);
  });
});

function shown(status: Status | undefined): unknown {
  assert.ok(status);
  return {
    code: status.code,
    message: status.message,
    details: status.details.map(
      ({ typeUrl, value }) =>
        `${typeUrl.replace("type.googleapis.com/", "")} ${Buffer.from(value).toString("hex")}`,
    ),
  };
}
