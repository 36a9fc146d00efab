import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import { describe, it } from "node:test";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { ask } from "../support/bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2 } from "../support/exchange.ts";
import {
  bytesOf,
  end,
  importPath as path,
  options,
  root,
  send,
  some,
  useImportBench,
  type ImportMessage,
} from "../support/import-bench.ts";

describe("the stream of ImportGroups", () => {
  const imports = useImportBench();

  it("that is cut off changes nothing", async () => {
    const message = envelope(bytesOf(options()));
    const ended = async (): Promise<void> => {
      for (
        const count = imports().bench.records.length;
        imports().bench.records.length === count;
      ) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    // Over HTTP/2: the connection ends between two messages, and in the middle of one.
    const torn = Buffer.concat([message, message.subarray(0, 3)]);
    for (const body of [message, message.subarray(0, 7), torn]) {
      const session = http2.connect(imports().bench.servers.http2);
      const headers = { ...root, "content-type": "application/grpc", te: "trailers" };
      const stream = session.request({ ":method": "POST", ":path": path, ...headers });
      stream.on("error", () => undefined);
      const over = ended();
      await new Promise((resolve) => stream.write(body, resolve));
      session.destroy();
      await over;
    }
    // Over HTTP/1.1: the connection ends before the last chunk.
    const { hostname, port } = new URL(imports().bench.servers.http1);
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
      exchangeHttp2(imports().bench.session, {
        path,
        headers: { ...root, "content-type": "application/grpc", te: "trailers" },
        body: message.subarray(0, 9),
      }),
      exchangeHttp1(imports().bench.servers.http1, {
        path,
        headers: { ...root, "content-type": "application/connect+json" },
        body: Buffer.concat([message, message.subarray(0, 3)]),
      }),
    ]) {
      await exchange;
      assert.notEqual(imports().bench.records.at(-1)?.code, "ok");
    }
    assert.deepEqual(imports().asked, []);
  });

  it("of a client that fails half-way changes nothing, although its stream ends properly", async () => {
    await imports().onEveryWire(async (wire) => {
      for (const last of [[], [end(1)]]) {
        const held = Promise.withResolvers<undefined>();
        imports().turn = held.promise;
        async function* failing(): AsyncGenerator<ImportMessage> {
          yield options();
          yield await Promise.resolve(some("ldap/a"));
          yield* last;
          throw new Error("the file cannot be read on");
        }
        const count = imports().bench.records.length;
        assert.notEqual((await send(wire, failing())).code, "ok");
        // Frames of one connection arrive in their order: the reset has come when this is answered.
        await ask(wire.transport, GroupService.method.listGroups, {}, root);
        held.resolve(undefined);
        while (imports().bench.records.length < count + 2)
          await new Promise((resolve) => setImmediate(resolve));
      }
    });
    assert.deepEqual(imports().asked, []);
    assert.ok(
      imports()
        .bench.records.slice(-24)
        .every(({ method, code }) => code !== "ok" || method !== path.slice(1)),
    );
    imports().turn = Promise.resolve();
  });
});
