import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts";

describe("startFaultProxy", { timeout: 20_000 }, () => {
  let echo: Server;
  let proxy: FaultProxy;
  const sockets: Socket[] = [];
  before(async () => {
    echo = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(echo, "listening");
    proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await proxy.close();
    echo.close();
    await once(echo, "close");
  });

  async function open(): Promise<Socket> {
    const socket = connect({ host: proxy.host, port: proxy.port });
    sockets.push(socket);
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  /** What comes back for a text; only for connections where something does. */
  async function echoed(socket: Socket, text: string): Promise<string> {
    let seen = "";
    const add = (bytes: Buffer): void => {
      seen += bytes.toString();
    };
    socket.on("data", add);
    socket.write(text);
    while (seen.length < text.length) await once(socket, "data");
    socket.off("data", add);
    return seen;
  }

  it("forwards both ways, and the end", async () => {
    const socket = await open();
    assert.equal(await echoed(socket, "hello"), "hello");
    socket.end();
    await once(socket, "close");
  });

  it("swallows everything of connections that it drops, for ever, and tells neither end", async () => {
    const dropped = await open();
    assert.equal(await echoed(dropped, "before"), "before");
    proxy.drop();
    const unanswered = await open();
    dropped.write("lost");
    unanswered.write("lost");
    proxy.restore();
    const other = await open();
    assert.equal(await echoed(other, "after"), "after");
    assert.deepEqual([dropped.bytesRead, unanswered.bytesRead], ["before".length, 0]);
    assert.ok(!dropped.closed && !unanswered.closed);
  });

  it("delivers what it held, and what it delays, whole and in order", async () => {
    const socket = await open();
    proxy.hold();
    const held = echoed(socket, "one two three");
    proxy.restore();
    assert.equal(await held, "one two three");
    proxy.delay(30);
    const sentAt = performance.now();
    assert.equal(await echoed(socket, "four five"), "four five");
    // There and back; timers may be a millisecond early.
    assert.ok(performance.now() - sentAt >= 58);
    proxy.restore();
  });

  it("refuses new connections and spares the open ones; cuts the open ones and spares new ones", async () => {
    const socket = await open();
    proxy.refuse();
    const refused = connect({ host: proxy.host, port: proxy.port });
    await assert.rejects(once(refused, "close"), { code: "ECONNRESET" });
    assert.equal(await echoed(socket, "still here"), "still here");
    proxy.restore();
    const reset = assert.rejects(once(socket, "close"), { code: "ECONNRESET" });
    proxy.cut();
    await reset;
    assert.equal(await echoed(await open(), "new"), "new");
  });

  it("leads a URL through itself, with its user, database and parameters", () => {
    assert.equal(
      proxy.through("postgres://u:p%40@db.example.com:5432/d?sslmode=disable"),
      `postgres://u:p%40@127.0.0.1:${proxy.port}/d?sslmode=disable`,
    );
  });
});
