import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { createHeldHandler } from "./support/held-handler.ts";
import { connectRaw } from "./support/raw-client.ts";
import {
  callHttp2,
  connectHttp2,
  openTestListener,
  testTlsFiles,
} from "./support/test-listener.ts";

const timeout = 30_000;

describe("drain", { timeout }, () => {
  it("lets calls under way end, sends GOAWAY and refuses new connections", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, { handler: held.handler });
    const session = await connectHttp2(t, listener.url);
    const answers = [callHttp2(session), fetch(listener.url).then((answer) => answer.text())];
    await held.arrived(2);

    const goaway = once(session, "goaway");
    const drained = listener.drain(60_000);
    const [code] = (await goaway) as [number];
    assert.equal(code, 0);
    assert.equal(session.closed, true);
    await assert.rejects(fetch(listener.url));

    held.release();
    assert.deepEqual(await Promise.all(answers), [{ status: 200, body: "done" }, "done"]);
    await drained;
    assert.deepEqual(listener.connections(), { http1: 0, http2: 0 });
  });

  it("tells a client of HTTP/1.1 with its last response that the connection ends", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, { handler: held.handler });
    const client = await connectRaw(t, listener.port);
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await held.arrived(1);
    const drained = listener.drain(60_000);
    held.release();
    assert.match((await client.closed()).toString(), /connection: close/i);
    await drained;
  });

  it("ends idle connections of every kind at once", async (t) => {
    const listener = await openTestListener(t);
    const silent = await connectRaw(t, listener.port);
    const idle = await connectRaw(t, listener.port);
    idle.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await idle.until("1.1 200");
    const session = await connectHttp2(t, listener.url);
    await callHttp2(session);
    const over = once(session, "close");
    await listener.drain(60_000);
    await Promise.all([silent.closed(), idle.closed(), over]);
  });

  it("ends what is left after the grace", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, { handler: held.handler });
    const session = await connectHttp2(t, listener.url);
    const cut = assert.rejects(callHttp2(session));
    const client = await connectRaw(t, listener.port);
    client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await held.arrived(2);
    await listener.drain(100);
    await Promise.all([cut, client.closed()]);
  });

  it("ends connections in a TLS handshake after the grace", async (t) => {
    const listener = await openTestListener(t, { tls: testTlsFiles });
    const client = await connectRaw(t, listener.port);
    // Once a later connection is served, the first has been accepted.
    const session = await connectHttp2(t, listener.url, { rejectUnauthorized: false });
    await callHttp2(session);
    await listener.drain(100);
    await client.closed();
  });

  it("is one drain, however often it is asked for", async (t) => {
    const listener = await openTestListener(t);
    const first = listener.drain(1000);
    assert.equal(listener.drain(0), first);
    await first;
    await listener.drain(0);
  });

  it("survives a client that never closes its side", async (t) => {
    const listener = await openTestListener(t);
    const client = await connectRaw(t, listener.port);
    client.socket.allowHalfOpen = true;
    const settings = Buffer.from("000000040000000000", "hex");
    const acknowledgement = Buffer.from("000000040100000000", "hex");
    client.write(
      Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings, acknowledgement]),
    );
    await once(client.socket, "data");
    await listener.drain(60_000);
  });
});

describe("maximum connection age", { timeout }, () => {
  it("sends GOAWAY, lets the call end and closes the HTTP/2 connection", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, {
      handler: held.handler,
      limits: { maxConnectionAgeMs: 200 },
    });
    const session = await connectHttp2(t, listener.url);
    const answered = callHttp2(session);
    const [code] = (await once(session, "goaway")) as [number];
    assert.equal(code, 0);
    await held.arrived(1);
    const over = once(session, "close");
    held.release();
    assert.deepEqual(await answered, { status: 200, body: "done" });
    await over;
    const next = await connectHttp2(t, listener.url);
    assert.equal(next.destroyed, false);
  });

  it("closes an HTTP/1.1 connection with the next response", async (t) => {
    const listener = await openTestListener(t, { limits: { maxConnectionAgeMs: 200 } });
    const client = await connectRaw(t, listener.port);
    while (!client.socket.destroyed) {
      client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const answers = (await client.closed()).toString().split("HTTP/1.1 200 OK").slice(1);
    assert.match(answers.at(-1) ?? "", /connection: close/i);
    assert.doesNotMatch(answers.at(0) ?? "", /connection: close/i);
  });

  it("ends the calls that are left after its grace", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, {
      handler: held.handler,
      limits: { maxConnectionAgeMs: 100, connectionAgeGraceMs: 200 },
    });
    const session = await connectHttp2(t, listener.url);
    await assert.rejects(callHttp2(session));
  });
});
