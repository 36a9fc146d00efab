import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { describe, it } from "node:test";
import type { RequestHandler } from "../../src/server/request-handler.ts";
import { connectRaw } from "./support/raw-client.ts";
import { callHttp2, connectHttp2, openTestListener, respond } from "./support/test-listener.ts";

const timeout = 30_000;

/** Answers once the request has ended. */
const readAll: RequestHandler = (request, response) => {
  request.resume();
  request.once("end", () => respond(response, 200, "read"));
  request.once("error", () => {});
};

describe("limits of HTTP/1.1 connections", { timeout }, () => {
  it("ends a connection that says nothing", async (t) => {
    const listener = await openTestListener(t, { limits: { headersTimeoutMs: 200 } });
    const client = await connectRaw(t, listener.port);
    assert.equal((await client.closed()).length, 0);
  });

  it("ends a connection that says too little to tell its protocol", async (t) => {
    const listener = await openTestListener(t, { limits: { headersTimeoutMs: 200 } });
    const client = await connectRaw(t, listener.port);
    client.write("PR");
    assert.equal((await client.closed()).length, 0);
  });

  it("ends a connection that sends its headers too slowly", async (t) => {
    const listener = await openTestListener(t, { limits: { headersTimeoutMs: 300 } });
    const client = await connectRaw(t, listener.port);
    client.write("GET / HTTP/1.1\r\n");
    const drip = setInterval(() => client.write("x: y\r\n"), 50);
    t.after(() => clearInterval(drip));
    assert.match((await client.closed()).toString(), /^HTTP\/1.1 408 /);
  });

  it("ends a connection that sends its body too slowly", async (t) => {
    const listener = await openTestListener(t, {
      handler: readAll,
      limits: { requestTimeoutMs: 300 },
    });
    const client = await connectRaw(t, listener.port);
    client.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n");
    const drip = setInterval(() => client.write("x"), 50);
    t.after(() => clearInterval(drip));
    await client.closed();
  });

  it("ends a connection between requests after the idle timeout", async (t) => {
    const listener = await openTestListener(t, { limits: { idleTimeoutMs: 200 } });
    const client = await connectRaw(t, listener.port);
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert.match((await client.closed()).toString(), /^HTTP\/1.1 200 OK/);
  });

  it("refuses headers that are too large", async (t) => {
    const listener = await openTestListener(t, { limits: { maxHeaderBytes: 2048 } });
    const response = await fetch(listener.url, { headers: { large: "x".repeat(3000) } });
    assert.equal(response.status, 431);
  });

  it("ends a connection that does not take its response", async (t) => {
    const listener = await openTestListener(t, {
      handler: (_, response) => respond(response, 200, "x".repeat(50_000_000)),
      limits: { requestTimeoutMs: 300 },
    });
    const client = await connectRaw(t, listener.port);
    client.socket.pause();
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await ended(() => listener.connections().http1 === 1);
    await ended(() => listener.connections().http1 === 0);
  });
});

describe("limits of HTTP/2 connections", { timeout }, () => {
  it("ends a connection that stops in the preface", async (t) => {
    const listener = await openTestListener(t, { limits: { headersTimeoutMs: 200 } });
    const client = await connectRaw(t, listener.port);
    client.write("PRI * HTTP/2.0\r\n\r\nS");
    await client.closed();
  });

  it("ends a connection without a call after the idle timeout", async (t) => {
    const listener = await openTestListener(t, { limits: { idleTimeoutMs: 200 } });
    const session = await connectHttp2(t, listener.url);
    await once(session, "close");
  });

  it("keeps a connection with an open call, however silent", async (t) => {
    const answers: (() => void)[] = [];
    const listener = await openTestListener(t, {
      handler: (_, response) => answers.push(() => respond(response, 200, "late")),
      limits: { idleTimeoutMs: 100, requestTimeoutMs: 100 },
    });
    const session = await connectHttp2(t, listener.url);
    const answered = callHttp2(session);
    await new Promise((resolve) => setTimeout(resolve, 600));
    for (const answer of answers) answer();
    assert.equal((await answered).body, "late");
  });

  it("resets a call that sends its body too slowly, and serves the others", async (t) => {
    const listener = await openTestListener(t, {
      handler: readAll,
      limits: { requestTimeoutMs: 300 },
    });
    const session = await connectHttp2(t, listener.url);
    const slow = session.request({ ":method": "POST", ":path": "/" });
    slow.on("error", () => {});
    const drip = setInterval(() => slow.destroyed || slow.write("x"), 50);
    t.after(() => clearInterval(drip));
    await once(slow, "close");
    assert.equal(slow.rstCode, http2.constants.NGHTTP2_CANCEL);
    assert.equal((await callHttp2(session)).body, "read");
  });

  it("resets a call that does not take its response", async (t) => {
    const listener = await openTestListener(t, {
      handler: (_, response) => respond(response, 200, "x".repeat(1_000_000)),
      limits: { requestTimeoutMs: 300 },
    });
    const session = await connectHttp2(t, listener.url);
    const deaf = session.request({ ":path": "/" });
    deaf.on("error", () => {});
    deaf.pause();
    await once(deaf, "close");
    assert.equal(deaf.rstCode, http2.constants.NGHTTP2_CANCEL);
  });

  it("refuses headers that are too large, in the first request and later", async (t) => {
    const listener = await openTestListener(t, { limits: { maxHeaderBytes: 2048 } });
    const session = await connectHttp2(t, listener.url);
    const large = { large: "x".repeat(3000) };
    assert.equal((await callHttp2(session, large)).status, 431);
    assert.equal((await callHttp2(session)).status, 200);
    await assert.rejects(callHttp2(session, large), /NGHTTP2_ENHANCE_YOUR_CALM/);
    assert.equal((await callHttp2(session)).status, 200);
  });

  it("ends a connection that does not acknowledge our settings", async (t) => {
    const listener = await openTestListener(t, { limits: { headersTimeoutMs: 200 } });
    const client = await connectRaw(t, listener.port);
    const settings = Buffer.from("000000040000000000", "hex");
    client.write(Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings]));
    await client.closed();
  });

  it("announces how many calls may be open at once", async (t) => {
    const listener = await openTestListener(t, { limits: { maxStreams: 7 } });
    const session = await connectHttp2(t, listener.url);
    if (session.remoteSettings.maxConcurrentStreams !== 7) await once(session, "remoteSettings");
    assert.equal(session.remoteSettings.maxConcurrentStreams, 7);
  });

  it("serves as many large calls at once as it announces", async (t) => {
    const listener = await openTestListener(t, { handler: readAll, limits: { maxStreams: 250 } });
    // The client, too, has a bound of memory.
    const session = await connectHttp2(t, listener.url, { maxSessionMemory: 500 });
    const body = Buffer.alloc(500_000);
    const answers = await Promise.all(
      Array.from({ length: 250 }, () => callHttp2(session, { ":method": "POST" }, body)),
    );
    assert.deepEqual(new Set(answers.map((answer) => answer.body)), new Set(["read"]));
  });

  it("sends away a client that resets calls without end", async (t) => {
    const listener = await openTestListener(t, { handler: () => {} });
    const session = await connectHttp2(t, listener.url);
    let code: number | undefined;
    session.once("goaway", (given: number) => {
      code = given;
    });
    while (!session.closed && !session.destroyed) {
      const streams = Array.from({ length: 50 }, () => session.request({ ":path": "/" }));
      for (const stream of streams) stream.on("error", () => {});
      // A call that is reset before it was sent is not sent at all.
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const stream of streams) stream.close(http2.constants.NGHTTP2_CANCEL);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.notEqual(code, http2.constants.NGHTTP2_NO_ERROR);
    assert.equal((await connectHttp2(t, listener.url)).destroyed, false);
  });
});

async function ended(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
