import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { networkInterfaces } from "node:os";
import net, { createServer } from "node:net";
import { describe, it } from "node:test";
import { listen, ListenError } from "../../src/server/listen.ts";
import {
  callHttp2,
  connectHttp2,
  openTestListener,
  testTlsFiles,
} from "./support/test-listener.ts";

const timeout = 30_000;

describe("a port that is shared", { timeout }, () => {
  const ways = [
    { host: "127.0.0.1", tls: undefined },
    { host: "::1", tls: undefined },
    { host: "127.0.0.1", tls: testTlsFiles },
  ];
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
  for (const { host, tls } of ways) {
    const skip = !addresses.some(({ address }) => address === host);
    it(
      `is served by all who share it: ${host} ${tls === undefined ? "in cleartext" : "over TLS"}`,
      { skip },
      async (t) => {
        const shared = { host, reusePort: true, ...(tls && { tls }) };
        const first = await openTestListener(t, shared);
        const second = await openTestListener(t, { ...shared, port: first.port });
        assert.equal(second.port, first.port);
        const insecure = { rejectUnauthorized: false };
        for (let tries = 0; tries < 100; tries += 1) {
          const session = await connectHttp2(t, first.url, insecure);
          assert.equal((await callHttp2(session)).status, 200);
          const [one, other] = [first, second].map((listener) => listener.connections().http2);
          if (one !== 0 && other !== 0) break;
        }
        assert.ok(first.connections().http2 > 0, "the first got none of 100 connections");
        assert.ok(second.connections().http2 > 0, "the second got none of 100 connections");

        // Whoever drains leaves the new connections to the others.
        await first.drain(0);
        const accepted = second.connections().http2;
        for (let count = 0; count < 10; count += 1) {
          const session = await connectHttp2(t, second.url, insecure);
          assert.equal((await callHttp2(session)).status, 200);
        }
        assert.equal(second.connections().http2, accepted + 10);
      },
    );
  }

  it("is left when nobody waits to be accepted any more: requests are answered", async (t) => {
    const listener = await openTestListener(t, { reusePort: true });
    // The system has made these connections, and the server has had no turn to accept one.
    const answers = Array.from({ length: 20 }, async () => {
      const sent = http.get(listener.url, { agent: false });
      const [answer] = (await once(sent, "response")) as [http.IncomingMessage];
      answer.resume();
      return answer.statusCode;
    });
    const drained = listener.drain(10_000);
    for (const status of await Promise.all(answers)) assert.equal(status, 200);
    await drained;
  });

  it("is left when nobody waits to be accepted any more: calls of HTTP/2 are answered", async (t) => {
    const listener = await openTestListener(t, { reusePort: true });
    const calls = Array.from({ length: 20 }, () => {
      const session = http2.connect(listener.url);
      session.on("error", () => {});
      t.after(() => session.destroy());
      return callHttp2(session);
    });
    const drained = listener.drain(10_000);
    for (const { status } of await Promise.all(calls)) assert.equal(status, 200);
    await drained;
  });

  it("is left after a moment, however many connections come", async (t) => {
    const listener = await openTestListener(t, { reusePort: true });
    let flooding = true;
    const flood = (): void => {
      if (!flooding) return;
      const socket = net.connect(listener.port, "127.0.0.1");
      socket.on("error", () => {}).on("connect", () => socket.destroy());
      setImmediate(flood);
    };
    flood();
    await listener.drain(300);
    flooding = false;
  });

  it("is refused to a process that does not share it, and by one", async (t) => {
    const alone = await openTestListener(t);
    await assert.rejects(
      openTestListener(t, { port: alone.port, reusePort: true }),
      (error) =>
        error instanceof ListenError &&
        /in use by a process that does not share it: .* reuse_port$/.test(error.message),
    );
    const shared = await openTestListener(t, { reusePort: true });
    await assert.rejects(
      openTestListener(t, { port: shared.port }),
      (error) => error instanceof ListenError && /in use: stop the other/.test(error.message),
    );
  });

  for (const code of ["ENOTSUP", "ENOPROTOOPT"]) {
    it(`is refused in words where the system has no such thing: ${code}`, async () => {
      const server = createServer();
      server.listen = () => {
        process.nextTick(() => server.emit("error", Object.assign(new Error("no"), { code })));
        return server;
      };
      const address = { host: "127.0.0.1", port: 8080, reusePort: true };
      await assert.rejects(
        listen(server, address),
        (error) =>
          error instanceof ListenError &&
          error.message ===
            "cannot listen on 127.0.0.1:8080: this system does not share ports: leave reuse_port out",
      );
    });
  }
});
