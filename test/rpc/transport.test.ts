import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ask, bearer, openBench, type Bench } from "./support/bench.ts";
import { envelope, exchangeHttp1, exchangeHttp2, type RawReply } from "./support/exchange.ts";
import {
  ann,
  assertUsualHeaders,
  empty,
  grpc,
  grpcJson,
  json,
  path,
} from "./support/raw-transport.ts";
import { keys } from "./support/world.ts";

describe("the transport", () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.records.length = 0;
  });

  const over1 = (request: Partial<Parameters<typeof exchangeHttp1>[1]>): Promise<RawReply> =>
    exchangeHttp1(bench.servers.http1, { path, headers: json, body: empty, ...request });
  const over2 = (request: Partial<Parameters<typeof exchangeHttp1>[1]>): Promise<RawReply> =>
    exchangeHttp2(bench.session, { path, headers: grpc, body: empty, ...request });

  it("answers unknown paths by the rules of each protocol", async () => {
    const unknown = [
      "/",
      "/x",
      `/${path}`,
      path.toLowerCase(),
      `${path}/`,
      "/fleetgate.acl.v1.AclService/",
    ];
    for (const one of unknown) {
      for (const headers of [grpc, { "content-type": "application/grpc-web+proto" }]) {
        const reply = await over2({ path: one, headers });
        assert.equal(reply.status, 200, one);
        assert.equal(reply.headers["grpc-status"], "12", one);
        assertUsualHeaders(reply);
      }
      const reply = await over1({ path: one });
      assert.equal(reply.status, 404, one);
      assert.deepEqual(JSON.parse(reply.body.toString()), {
        code: "unimplemented",
        message: "there is no such method",
      });
      assertUsualHeaders(reply);
    }
    assert.ok(
      bench.records.every(({ method, code }) => method === "unknown" && code === "unimplemented"),
    );
    assert.equal(bench.records.length, unknown.length * 3);
  });

  it("answers other HTTP methods and content types with the usual headers and a record", async () => {
    const get = await over1({ method: "GET", path: `${path}?encoding=json&message=%7B%7D` });
    assert.equal(get.status, 405);
    assertUsualHeaders(get);
    const text = await over1({ headers: { "content-type": "text/plain" } });
    assert.equal(text.status, 415);
    assertUsualHeaders(text);
    assert.deepEqual(
      bench.records.map(({ code, message }) => [code, message]),
      [
        ["unknown", "HTTP status 405"],
        ["unknown", "HTTP status 415"],
      ],
    );
  });

  it("does not care what host the client calls it", async () => {
    for (const host of ["a b", "[", "%00", "x".repeat(1000), "evil.example.com"]) {
      const reply = await over1({ headers: { ...json, ...ann, host }, body: Buffer.from("{}") });
      assert.equal(reply.status, 400, host);
      assert.match(reply.body.toString(), /INVALID_FIELD/);
      assert.doesNotMatch(JSON.stringify(reply.headers), /evil/);
    }
  });

  it("refuses deadlines beyond the longest one", async () => {
    const reply = await over2({
      headers: { ...grpc, ...ann, "grpc-timeout": "61S" },
      body: envelope(empty),
    });
    assert.equal(reply.trailers["grpc-status"], "3");
  });

  it("keeps the trailers of a denial under 8 KiB, whatever the names are", async () => {
    const caller = `user:${"a".repeat(500)}@b.com`;
    for (const character of ["x", "漢", "𝔸", "\u202e", "\u{e0001}"]) {
      const name = character.repeat(256 / character.length);
      const request = {
        caller,
        permission: `a.b.${character.repeat(196 / character.length)}`,
        pool: name,
      };
      const body = envelope(Buffer.from(JSON.stringify(request)));
      const headers = { ...grpcJson, ...bearer(keys.scheduler.token) };
      const reply = await over2({ headers, body });
      assert.equal(reply.trailers["grpc-status"], "7", character);
      const size = Object.entries(reply.trailers).reduce(
        (sum, [key, value]) => sum + key.length + value.length + 32,
        0,
      );
      assert.ok(size < 8192, `${character}: ${size}`);
    }
  });

  it("gives each call its own request id, and tells it", async () => {
    await over1({});
    await over2({});
    const ids = new Set(bench.records.map(({ requestId }) => requestId));
    assert.equal(ids.size, 2);
    const { transport } = bench.wires[0] ?? assert.fail();
    const reply = await ask(transport, AclService.method.checkPoolPerm, {}, ann);
    assert.equal(reply.metadataOfCall.get("x-request-id"), bench.records[2]?.requestId);
  });
});
