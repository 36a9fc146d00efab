import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import {
  Health,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from "../../src/gen/grpc/health/v1/health_pb.ts";
import type { PublicService } from "../../src/rpc/handler.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { keys } from "./support/world.ts";

const status = HealthCheckResponse_ServingStatus.SERVING;

const disk = new Error("the disk is full");

const health: PublicService = {
  service: Health,
  register: (router) => {
    router.service(Health, {
      check: () => ({ status }),
      list: () => {
        throw disk;
      },
      // Says that it serves, and then nothing more until the call ends.
      watch: async function* (_, { signal }) {
        yield create(HealthCheckResponseSchema, { status });
        await new Promise((resolve) => {
          signal.addEventListener("abort", resolve);
        });
      },
    });
  },
};

describe("public services", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench({ publicServices: [health] });
  });
  after(() => bench.close());

  it("answer anybody, without a snapshot too", async () => {
    bench.replica.state = undefined;
    for (const { name, transport } of bench.wires) {
      for (const headers of [{}, bearer("nonsense")]) {
        const reply = await ask(transport, Health.method.check, {}, headers);
        assert.deepEqual(reply.response, { status: "SERVING" }, name);
        assert.ok(reply.metadataOfCall.get("x-request-id"), name);
      }
    }
    assert.ok(bench.records.every(({ code, peer }) => code === "ok" && peer === ""));
  });

  it("stream, and are recorded when the stream ends", async () => {
    bench.records.length = 0;
    const { transport } = bench.wires[0] ?? assert.fail();
    const leave = new AbortController();
    const watched = createClient(Health, transport).watch({}, { signal: leave.signal });
    const seen: unknown[] = [];
    await assert.rejects(async () => {
      for await (const message of watched) {
        seen.push(message.status);
        assert.deepEqual(bench.records, []);
        leave.abort();
      }
    });
    assert.deepEqual(seen, [status]);
    while (bench.records.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(bench.records[0]?.method, "grpc.health.v1.Health/Watch");
    assert.equal(bench.records[0]?.code, "canceled");
  });

  it("fail with a fault that only the record knows", async () => {
    for (const { name, transport } of bench.wires) {
      bench.records.length = 0;
      const reply = await ask(transport, Health.method.list, {}, {});
      assert.equal(reply.code, "internal", name);
      assert.doesNotMatch(JSON.stringify(reply), /disk/, name);
      const [record] = bench.records;
      assert.equal(record?.code, "internal", name);
      assert.equal(record.reason, "INTERNAL_FAULT", name);
      assert.equal(record.cause, disk, name);
    }
  });

  it("keep the server from starting when the method table does not have them", async () => {
    const stranger: PublicService = {
      service: Health,
      register: (router) => {
        router.rpc({ ...Health.method.check, name: "Strange" }, () => ({ status }));
      },
    };
    await assert.rejects(
      openBench({ publicServices: [stranger] }),
      /no row for grpc.health.v1.Health\/Strange/,
    );
  });

  it("do not keep others from being told about calls when the listener throws", async () => {
    const push = bench.records.push.bind(bench.records);
    bench.records.push = () => {
      throw new Error("the log is full");
    };
    const { transport } = bench.wires[0] ?? assert.fail();
    const one = await ask(transport, Health.method.check, {}, bearer(keys.ann.token));
    assert.equal(one.code, "ok");
    bench.records.push = push;
  });
});
