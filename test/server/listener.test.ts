import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { ListenError } from "../../src/server/listen.ts";
import { connectRaw, openBytewiseProxy } from "./support/raw-client.ts";
import { callHttp2, connectHttp2, openTestListener, respond } from "./support/test-listener.ts";

const timeout = 30_000;

describe("openListener", { timeout }, () => {
  it("serves HTTP/1.1 and HTTP/2 with prior knowledge on one port", async (t) => {
    const listener = await openTestListener(t);
    const session = await connectHttp2(t, listener.url);
    assert.equal(await (await fetch(listener.url)).text(), "1.1");
    assert.deepEqual(await callHttp2(session), { status: 200, body: "2.0" });
    assert.equal(listener.connections().http2, 1);
  });

  it("serves many HTTP/1.1 requests on one connection", async (t) => {
    const listener = await openTestListener(t);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const ports = new Set<number | undefined>();
    for (let index = 0; index < 5; index += 1) {
      const request = httpRequest(listener.url, { agent }).end();
      const [response] = (await once(request, "response")) as [IncomingMessage];
      ports.add(response.socket.localPort);
      response.resume();
      await once(response, "end");
    }
    assert.equal(ports.size, 1);
  });

  it("serves pipelined HTTP/1.1 requests", async (t) => {
    const listener = await openTestListener(t);
    const client = await connectRaw(t, listener.port);
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.0\r\nhost: a\r\n\r\n");
    const text = (await client.closed()).toString();
    assert.equal(text.match(/HTTP\/1.1 200 OK/g)?.length, 2);
  });

  it("serves both protocols when their bytes come one by one", async (t) => {
    const listener = await openTestListener(t);
    const port = await openBytewiseProxy(t, listener.port);
    const session = await connectHttp2(t, `http://127.0.0.1:${port}`);
    assert.deepEqual(await callHttp2(session), { status: 200, body: "2.0" });
    const client = await connectRaw(t, port);
    client.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    assert.match((await client.closed()).toString(), /^HTTP\/1.1 200 OK/);
  });

  it("ends connections that begin with garbage, and serves all others", async (t) => {
    const listener = await openTestListener(t);
    const session = await connectHttp2(t, listener.url);
    const garbage = [
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "\0\0\0\0\0\0\0\0\0",
      "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"\xff".repeat(200)}`,
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
    ];
    for (const bytes of garbage) {
      const client = await connectRaw(t, listener.port);
      client.write(Buffer.from(bytes, "latin1"));
      await client.closed();
    }
    assert.deepEqual(await callHttp2(session), { status: 200, body: "2.0" });
    assert.equal(await (await fetch(listener.url)).text(), "1.1");
  });

  it("survives connections that are reset at once", async (t) => {
    const listener = await openTestListener(t);
    for (const bytes of ["", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\n"]) {
      const client = await connectRaw(t, listener.port);
      client.write(bytes);
      client.socket.resetAndDestroy();
    }
    assert.equal(await (await fetch(listener.url)).text(), "1.1");
  });

  it("answers 500 when the handler throws, and goes on", async (t) => {
    const listener = await openTestListener(t, {
      handler: (request, response) => {
        if (request.url === "/bad") throw new Error("out of order");
        respond(response, 200, "fine");
      },
    });
    const bad = await fetch(`${listener.url}/bad`);
    assert.equal(bad.status, 500);
    assert.equal(await bad.text(), "");
    const session = await connectHttp2(t, listener.url);
    assert.equal((await callHttp2(session, { ":path": "/bad" })).status, 500);
    assert.deepEqual(await callHttp2(session), { status: 200, body: "fine" });
    assert.equal(listener.log.lines().length, 2);
    assert.match(listener.log.text(), /out of order/);
  });

  it("closes connections above the maximum on arrival, and says so", async (t) => {
    const listener = await openTestListener(t, { limits: { maxConnections: 2 } });
    const first = await connectRaw(t, listener.port);
    const second = await connectHttp2(t, listener.url);
    const third = await connectRaw(t, listener.port);
    assert.equal((await third.closed()).length, 0);
    assert.equal(listener.refusedConnections(), 1);
    assert.match(listener.log.text(), /too many connections/);
    first.socket.destroy();
    assert.equal((await callHttp2(second)).body, "2.0");
  });

  it("says what to do when the address is in use", async (t) => {
    const listener = await openTestListener(t);
    const { openListener } = await import("../../src/server/listener.ts");
    await assert.rejects(
      openListener({
        host: "127.0.0.1",
        port: listener.port,
        tls: undefined,
        handler: () => {},
        limits: {
          maxConnections: 1,
          maxStreams: 1,
          maxHeaderBytes: 8192,
          idleTimeoutMs: 1000,
          requestTimeoutMs: 1000,
          headersTimeoutMs: 1000,
          maxConnectionAgeMs: undefined,
          connectionAgeGraceMs: 1000,
        },
        log: listener.log.log,
      }),
      (error) => error instanceof ListenError && /in use: stop the other/.test(error.message),
    );
  });
});
