import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RequestHandler } from "../../src/server/request-handler.ts";
import { createHeldHandler } from "./support/held-handler.ts";
import { connectRaw } from "./support/raw-client.ts";
import { openTestListener, respond, testTlsFiles } from "./support/test-listener.ts";

const timeout = 30_000;

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;

/** Answers with the path and the body a little later, and notes how many requests it has at once. */
function createCountingHandler(): {
  readonly handler: RequestHandler;
  readonly most: () => number;
} {
  let open = 0;
  let most = 0;
  async function answer(...[request, response]: Parameters<RequestHandler>): Promise<void> {
    open += 1;
    most = Math.max(most, open);
    let body = "";
    for await (const chunk of request) body += String(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    respond(response, 200, `<${request.url ?? ""}${body}>`);
  }
  return { handler: (request, response) => void answer(request, response), most: () => most };
}

function answers(received: Buffer): readonly (string | undefined)[] {
  return [...received.toString().matchAll(/<(.*?)>/g)].map(([, text]) => text);
}

describe("requests that an HTTP/1.1 client sends ahead", { timeout }, () => {
  it("are answered in order and one at a time, however many they are", async (t) => {
    const { handler, most } = createCountingHandler();
    const listener = await openTestListener(t, { handler });
    const client = await connectRaw(t, listener.port);
    const paths = Array.from({ length: 5000 }, (_, i) => `/${i}`);
    client.write(paths.map(get).join(""));
    await client.until("</4999>");
    assert.deepEqual(answers(client.received()), paths);
    assert.equal(most(), 1);
  });

  it("are answered with their bodies, even if those arrive in pieces", async (t) => {
    const { handler, most } = createCountingHandler();
    const listener = await openTestListener(t, { handler });
    const client = await connectRaw(t, listener.port);
    const bodies = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    for (const [i, body] of bodies.entries()) {
      const text = `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      client.write(text.slice(0, i * 400));
      await new Promise((resolve) => setImmediate(resolve));
      client.write(text.slice(i * 400));
    }
    await client.until(`${bodies.at(-1) ?? ""}>`);
    assert.deepEqual(
      answers(client.received()),
      bodies.map((body) => `/${body}`),
    );
    assert.equal(most(), 1);
  });

  it("are not begun when the client goes away before their turn", async (t) => {
    const held = createHeldHandler();
    let begun = 0;
    const listener = await openTestListener(t, {
      handler(request, response) {
        begun += 1;
        held.handler(request, response);
      },
    });
    const client = await connectRaw(t, listener.port);
    client.write(get("/") + get("/"));
    await held.arrived(1);
    client.socket.resetAndDestroy();
    held.release();
    while (listener.connections().http1 > 0) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(begun, 1);
  });

  it("end the connection when one of them waits too long for its turn", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, {
      handler: held.handler,
      limits: { requestTimeoutMs: 300 },
    });
    const client = await connectRaw(t, listener.port);
    client.write(get("/") + get("/"));
    assert.equal((await client.closed()).length, 0);
  });

  it("do not shorten an answer that lasts when nothing waits behind it", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, {
      handler: held.handler,
      limits: { requestTimeoutMs: 100, idleTimeoutMs: 100 },
    });
    const client = await connectRaw(t, listener.port);
    client.write(get("/"));
    await held.arrived(1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    held.release();
    await client.until("done");
  });

  it("do not keep the connection when it is to end", async (t) => {
    const held = createHeldHandler();
    const listener = await openTestListener(t, { handler: held.handler });
    const client = await connectRaw(t, listener.port);
    client.write(get("/") + get("/"));
    await held.arrived(1);
    const drained = listener.drain(60_000);
    held.release();
    const text = (await client.closed()).toString();
    assert.equal(text.split("HTTP/1.1 200").length, 2);
    assert.match(text, /connection: close/i);
    await drained;
  });

  it("let others be served in between, even if each is answered before the next one is parsed", async (t) => {
    let inOneTurn = 0;
    let most = 0;
    const listener = await openTestListener(t, {
      handler(_, response) {
        if (inOneTurn === 0) setImmediate(() => (inOneTurn = 0));
        inOneTurn += 1;
        most = Math.max(most, inOneTurn);
        respond(response, 200, "done");
      },
    });
    const client = await connectRaw(t, listener.port);
    client.write(get("/"));
    await client.until("done");
    const post = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}";
    client.write(post.repeat(1000) + get("/").replace("1.1\r", "1.1\r\nconnection: close\r"));
    await client.closed();
    assert.equal(most, 1);
  });

  it("are answered over TLS too", async (t) => {
    const { handler, most } = createCountingHandler();
    const listener = await openTestListener(t, { handler, tls: testTlsFiles });
    const client = await connectRaw(t, listener.port, { tls: true });
    const paths = Array.from({ length: 2000 }, (_, i) => `/${i}`);
    client.write(paths.map(get).join(""));
    await client.until("</1999>");
    assert.deepEqual(answers(client.received()), paths);
    assert.equal(most(), 1);
  });
});
