import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { connect } from "node:tls";
import { describe, it } from "node:test";
import { connectRaw } from "./support/raw-client.ts";
import {
  callHttp2,
  connectHttp2,
  openTestListener,
  testTlsFiles,
} from "./support/test-listener.ts";

const timeout = 30_000;
const ca = readFileSync(testTlsFiles.certFile);

describe("openListener with TLS", { timeout }, () => {
  it("serves HTTP/2 and HTTP/1.1 as ALPN agrees", async (t) => {
    const listener = await openTestListener(t, { tls: testTlsFiles });
    assert.match(listener.url, /^https:/);
    const session = await connectHttp2(t, listener.url, { ca });
    assert.equal(session.alpnProtocol, "h2");
    assert.deepEqual(await callHttp2(session), { status: 200, body: "2.0" });

    const http1 = request(listener.url, { ca, agent: false }).end();
    const [response] = (await once(http1, "response")) as [IncomingMessage];
    assert.equal(response.httpVersion, "1.1");
    response.resume();
    await once(response, "end");
  });

  it("serves HTTP/1.1 to a client without ALPN, and nothing to one that wants another protocol", async (t) => {
    const listener = await openTestListener(t, { tls: testTlsFiles });
    const plain = connect({ port: listener.port, host: "127.0.0.1", ca });
    await once(plain, "secureConnect");
    plain.write("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let text = "";
    for await (const chunk of plain) text += String(chunk);
    assert.match(text, /^HTTP\/1.1 200 OK/);

    const other = connect({ port: listener.port, host: "127.0.0.1", ca, ALPNProtocols: ["spdy"] });
    await assert.rejects(once(other, "secureConnect"));
  });

  it("refuses versions before TLS 1.2", async (t) => {
    const listener = await openTestListener(t, { tls: testTlsFiles });
    const old = connect({
      port: listener.port,
      host: "127.0.0.1",
      ca,
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    await assert.rejects(once(old, "secureConnect"));
  });

  it("ends a connection that does not complete its handshake, and serves the others", async (t) => {
    const listener = await openTestListener(t, {
      tls: testTlsFiles,
      limits: { headersTimeoutMs: 200 },
    });
    const silent = await connectRaw(t, listener.port);
    const garbage = await connectRaw(t, listener.port);
    garbage.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await Promise.all([silent.closed(), garbage.closed()]);
    const session = await connectHttp2(t, listener.url, { ca });
    assert.deepEqual(await callHttp2(session), { status: 200, body: "2.0" });
  });

  it("ends a connection that agrees on HTTP/2 and then says nothing", async (t) => {
    const listener = await openTestListener(t, {
      tls: testTlsFiles,
      limits: { headersTimeoutMs: 200 },
    });
    const silent = connect({
      port: listener.port,
      host: "127.0.0.1",
      ca,
      ALPNProtocols: ["h2"],
    });
    silent.resume();
    await once(silent, "close");
  });

  for (const protocol of ["h2", "http/1.1"]) {
    it(`lets go of a client that does not trust the certificate, and that offers ${protocol}`, async (t) => {
      const listener = await openTestListener(t, {
        tls: testTlsFiles,
        limits: { maxConnections: 1 },
      });
      const distrustful = connect({
        port: listener.port,
        host: "127.0.0.1",
        ALPNProtocols: [protocol],
      });
      await assert.rejects(once(distrustful, "secureConnect"));
      // There is room for one connection, so the next one is served when the first one is over.
      while (!t.signal.aborted && !(await isServed(listener.url))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await listener.drain(60_000);
    });
  }

  it("drains", async (t) => {
    const listener = await openTestListener(t, { tls: testTlsFiles });
    const session = await connectHttp2(t, listener.url, { ca });
    await callHttp2(session);
    const over = once(session, "close");
    await listener.drain(60_000);
    await over;
  });
});

async function isServed(url: string): Promise<boolean> {
  const client = request(url, { ca, agent: false }).end();
  try {
    const [response] = (await once(client, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    return true;
  } catch {
    return false;
  }
}
