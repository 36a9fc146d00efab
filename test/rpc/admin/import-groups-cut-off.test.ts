import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import { after, before, beforeEach, describe, it } from "node:test";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { ask, type Bench } from "../support/bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2 } from "../support/exchange.ts";
import {
  bytesOf,
  end,
  importPath as path,
  openImportBench,
  options,
  root,
  send,
  some,
  type ImportBench,
  type ImportMessage,
} from "../support/import-bench.ts";

describe("the stream of ImportGroups", () => {
  let opened: ImportBench;
  let bench: Bench;
  before(async () => {
    opened = await openImportBench();
    ({ bench } = opened);
  });
  after(() => bench.close());
  beforeEach(() => opened.reset());

  it("that is cut off changes nothing", async () => {
    const message = envelope(bytesOf(options()));
    const ended = async (): Promise<void> => {
      for (const count = bench.records.length; bench.records.length === count;) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    // Over HTTP/2: the connection ends between two messages, and in the middle of one.
    const torn = Buffer.concat([message, message.subarray(0, 3)]);
    for (const body of [message, message.subarray(0, 7), torn]) {
      const session = http2.connect(bench.servers.http2);
      const headers = { ...root, "content-type": "application/grpc", te: "trailers" };
      const stream = session.request({ ":method": "POST", ":path": path, ...headers });
      stream.on("error", () => undefined);
      const over = ended();
      await new Promise((resolve) => stream.write(body, resolve));
      session.destroy();
      await over;
    }
    // Over HTTP/1.1: the connection ends before the last chunk.
    const { hostname, port } = new URL(bench.servers.http1);
    const request = http.request({
      hostname,
      port,
      path,
      method: "POST",
      headers: { ...root, "content-type": "application/connect+proto" },
      agent: false,
    });
    request.on("error", () => undefined);
    const over = ended();
    await new Promise((resolve) => request.write(message, resolve));
    const closed = new Promise((resolve) => request.once("close", resolve));
    request.destroy();
    await closed;
    await over;
    // Ended properly, but within a message.
    for (const exchange of [
      exchangeHttp2(bench.session, {
        path,
        headers: { ...root, "content-type": "application/grpc", te: "trailers" },
        body: message.subarray(0, 9),
      }),
      exchangeHttp1(bench.servers.http1, {
        path,
        headers: { ...root, "content-type": "application/connect+json" },
        body: Buffer.concat([message, message.subarray(0, 3)]),
      }),
    ]) {
      await exchange;
      assert.notEqual(bench.records.at(-1)?.code, "ok");
    }
    assert.deepEqual(opened.asked, []);
  });

  it("of a client that fails half-way changes nothing, although its stream ends properly", async () => {
    await opened.onEveryWire(async (wire) => {
      for (const last of [[], [end(1)]]) {
        const held = Promise.withResolvers<undefined>();
        opened.turn = held.promise;
        async function* failing(): AsyncGenerator<ImportMessage> {
          yield options();
          yield await Promise.resolve(some("ldap/a"));
          yield* last;
          throw new Error("the file cannot be read on");
        }
        const count = bench.records.length;
        assert.notEqual((await send(wire, failing())).code, "ok");
        // Frames of one connection arrive in their order: the reset has come when this is answered.
        await ask(wire.transport, GroupService.method.listGroups, {}, root);
        held.resolve(undefined);
        while (bench.records.length < count + 2)
          await new Promise((resolve) => setImmediate(resolve));
      }
    });
    assert.deepEqual(opened.asked, []);
    assert.ok(
      bench.records
        .slice(-24)
        .every(({ method, code }) => code !== "ok" || method !== path.slice(1)),
    );
    opened.turn = Promise.resolve();
  });
});
