import assert from "node:assert/strict";
import { once } from "node:events";
import http2, { type ClientHttp2Session, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { createEndpointSession } from "../../../src/client/node/endpoint-session.ts";

const headers = { ":method": "POST", ":path": "/" };

/** A server that answers 200 to everything, and the connections that were opened to it. */
async function listen(
  context: TestContext,
): Promise<{ readonly origin: string; readonly opened: readonly ClientHttp2Session[] }> {
  const accepted: ServerHttp2Session[] = [];
  const server = http2.createServer();
  server.on("session", (session) => accepted.push(session));
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  server.listen(0, "127.0.0.1");
  context.after(() => {
    for (const session of accepted) session.destroy();
    server.close();
  });
  await once(server, "listening");
  const opened: ClientHttp2Session[] = [];
  const connect = http2.connect.bind(http2);
  context.mock.method(http2, "connect", (...args: Parameters<typeof connect>) => {
    const session = connect(...args);
    opened.push(session);
    return session;
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, opened };
}

describe("the connection to an endpoint", () => {
  it("is replaced for a request that waited while it ended", async (context) => {
    const { origin, opened } = await listen(context);
    const session = createEndpointSession(origin, () => ({}));
    context.after(() => {
      session.close();
    });
    const stream = await session.send(headers, () => {
      if (opened.length === 1) opened[0]?.destroy();
      return true;
    });
    assert.ok(stream !== undefined);
    const [answer] = (await once(stream, "response")) as [Readonly<Record<string, unknown>>];
    assert.equal(answer[":status"], 200);
    assert.equal(opened.length, 2);
  });

  it("is ended when it is closed in the moment in which it is opened", async (context) => {
    const { origin, opened } = await listen(context);
    const session = createEndpointSession(origin, () => {
      // As when a pinned socket is ready, and its client has just been closed.
      session.close();
      return {};
    });
    const sent = Promise.resolve(session.send(headers, () => true));
    await assert.rejects(sent, ({ code }: ConnectError) => code === Code.Unavailable);
    assert.deepEqual(
      opened.map(({ destroyed }) => destroyed),
      [true],
    );
  });

  it("is not opened again once it was closed, not even by a request that waited", async (context) => {
    const { origin, opened } = await listen(context);
    const session = createEndpointSession(origin, () => ({}));
    // It is asked whether the request is wanted when the connection is open: that is closed in between.
    const waiting = session.send(headers, () => {
      session.close();
      return true;
    });
    const unavailable = (error: unknown): boolean =>
      error instanceof ConnectError && error.code === Code.Unavailable;
    await assert.rejects(Promise.resolve(waiting), unavailable);
    await assert.rejects(Promise.resolve(session.send(headers, () => true)), unavailable);
    assert.equal(opened.length, 1);
  });
});
