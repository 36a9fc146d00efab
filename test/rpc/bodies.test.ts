import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { gzipSync } from "node:zlib";
import { after, before, beforeEach, describe, it } from "node:test";
import { bearer, openBench, type Bench } from "./support/bench.ts";
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

const applyPath = "/fleetgate.admin.v1.ConfigService/Apply";

describe("the transport", () => {
  let bench: Bench;
  let applied = 0;
  before(async () => {
    bench = await openBench({
      operations: {
        applyConfig: () => {
          applied += 1;
          return Promise.resolve({
            revisionToken: "",
            snapshotAgeMs: undefined,
            etag: "",
            summary: [],
            warnings: [],
            effects: undefined,
            changes: [],
          });
        },
      },
    });
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.records.length = 0;
  });

  const over1 = (request: Partial<Parameters<typeof exchangeHttp1>[1]>): Promise<RawReply> =>
    exchangeHttp1(bench.servers.http1, { path, headers: json, body: empty, ...request });
  const over2 = (request: Partial<Parameters<typeof exchangeHttp1>[1]>): Promise<RawReply> =>
    exchangeHttp2(bench.session, { path, headers: grpc, body: empty, ...request });

  it("refuses by the head alone, before the body is sent", async () => {
    const { hostname, port } = new URL(bench.servers.http1);
    const socket = net.connect(Number(port), hostname);
    socket.write(`POST ${applyPath} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`);
    socket.write(`authorization: Bearer ${keys.ann.token}\r\ncontent-length: 1000000\r\n\r\n`);
    const [head] = (await once(socket, "data")) as [Buffer];
    assert.match(head.toString(), /^HTTP\/1.1 403/);
    socket.destroy();
    const stream = bench.session.request({ ":method": "POST", ":path": applyPath, ...grpc });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers[":status"], 200);
    const [trailers] = (await once(stream.resume(), "trailers")) as [Record<string, unknown>];
    assert.equal(trailers["grpc-status"], "16");
    stream.close();
  });

  it("refuses requests over a mebibyte, packed or unpacked, with an answer", async () => {
    const big = Buffer.alloc(1024 * 1024 + 1, 32);
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    assert.ok(bomb.length < 100_000);
    const chunked = { "transfer-encoding": "chunked" };
    const zipped = { "content-encoding": "gzip" };
    for (const request of [
      { headers: { ...json, ...ann }, body: big },
      { headers: { ...json, ...ann, ...chunked }, body: big },
      { headers: { ...json, ...ann, ...chunked }, body: Buffer.alloc(16 * 1024 * 1024) },
      { headers: { ...json, ...ann, ...zipped }, body: bomb },
    ]) {
      const reply = await over1(request);
      assert.equal(reply.status, 429);
      assertUsualHeaders(reply);
    }
    for (const request of [
      { headers: { ...grpc, ...ann }, body: envelope(big) },
      { headers: { ...grpc, ...ann, "grpc-encoding": "gzip" }, body: envelope(bomb, 1) },
    ]) {
      assert.equal((await over2(request)).trailers["grpc-status"], "8");
    }
    assert.ok(bench.records.every(({ code }) => code === "resource_exhausted"));
    assert.equal(bench.records.length, 6);
  });

  it("takes 64 MiB on the admin services, and no more", async () => {
    const root = bearer(keys.root.token);
    const text = "#".repeat(8 * 1024 * 1024);
    const body = Buffer.from(JSON.stringify({ files: [{ path: "a", text }] }));
    const good = await over1({ path: applyPath, headers: { ...json, ...root }, body });
    assert.equal(good.status, 200);
    const headers = { ...json, ...root, "content-length": `${64 * 1024 * 1024 + 1}` };
    const reply = await headOnly(bench.servers.http1, applyPath, headers);
    assert.match(reply, /^HTTP\/1.1 429/);
  });

  it("refuses unknown keys of JSON as unknown fields, quoting nothing", async () => {
    const keysOfJson = ["pol", "x".repeat(100_000), "\ud800", "\u0000", "[a.b]"];
    for (const key of keysOfJson) {
      const body = Buffer.from(`{${JSON.stringify(key)}: 1}`);
      const unary = await over1({ headers: { ...json, ...ann }, body });
      assert.equal(unary.status, 400);
      const error = JSON.parse(unary.body.toString()) as {
        message: string;
        details: { debug: unknown }[];
      };
      assert.deepEqual(error.details[0]?.debug, {
        reason: "UNKNOWN_FIELD",
        domain: "fleetgate",
        metadata: { message: "fleetgate.acl.v1.CheckPoolPermRequest" },
      });
      const streamed = await over2({ headers: { ...grpcJson, ...ann }, body: envelope(body) });
      assert.equal(streamed.trailers["grpc-status"], "3");
      assert.equal(decodeURIComponent(streamed.trailers["grpc-message"] ?? ""), error.message);
      assert.ok(streamed.trailers["grpc-status-details-bin"]);
    }
    assert.ok(bench.records.every(({ reason }) => reason === "UNKNOWN_FIELD"));
    const inner = Buffer.from('{"checks":[{"pool":{"pol":"x"}}]}');
    const batch = "/fleetgate.acl.v1.AclService/BatchCheck";
    const reply = await over1({ path: batch, headers: { ...json, ...ann }, body: inner });
    assert.match(reply.body.toString(), /UNKNOWN_FIELD/);
  });

  it("keeps errors of bodies that it cannot read short, and tells their code", async () => {
    const bodies = ["{", `{"pool": ${"1".repeat(100_000)}}`, `{"pool": "\\ud800"}`, "[]", ""];
    for (const text of bodies) {
      const body = Buffer.from(text);
      const unary = await over1({ headers: { ...json, ...ann }, body });
      assert.equal(unary.status, 400, text.slice(0, 20));
      assert.ok(unary.body.length < 2000);
      const streamed = await over2({ headers: { ...grpcJson, ...ann }, body: envelope(body) });
      assert.equal(streamed.trailers["grpc-status"], "3", text.slice(0, 20));
      assert.ok(JSON.stringify(streamed.trailers).length < 4000);
    }
    assert.ok(bench.records.every(({ code, peer }) => code === "invalid_argument" && peer !== ""));
    assert.equal(bench.records.length, 2 * bodies.length);
  });

  it("never acts on a body that was cut off", async () => {
    applied = 0;
    bench.keyUses.length = 0;
    const root = bearer(keys.root.token);
    const headers = { ...root, "content-type": "application/proto" };
    const session = http2.connect(bench.servers.http2);
    const stream = session.request({ ":method": "POST", ":path": applyPath, ...headers });
    stream.on("error", () => {});
    // The field `source`, complete; the fields after it never come.
    stream.write(Buffer.from([0x0a, 0x01, 0x61]));
    await until(() => bench.keyUses.length === 1);
    session.destroy();
    await until(() => bench.records.length === 1);
    const { hostname, port } = new URL(bench.servers.http1);
    const sent = http.request({
      hostname,
      port,
      path: applyPath,
      method: "POST",
      headers,
      agent: false,
    });
    sent.on("error", () => {});
    sent.write(Buffer.from([0x0a, 0x01, 0x61]));
    await until(() => bench.keyUses.length === 2);
    sent.destroy();
    await until(() => bench.records.length === 2);
    assert.deepEqual(
      bench.records.map(({ code }) => code),
      ["canceled", "canceled"],
    );
    assert.equal(applied, 0);
  });
});

async function headOnly(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = net.connect(Number(port), hostname);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\n${lines.join("")}\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return head.toString();
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 1000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail("it never came to that");
}
