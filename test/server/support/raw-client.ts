import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TestContext } from "node:test";

/** A TCP connection that says what it likes. */
export interface RawClient {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** Everything that was received. */
  received(): Buffer;
  /** Resolves once the text was received. */
  until(text: string): Promise<void>;
  /** Resolves when the connection is over, with everything that was received. */
  closed(): Promise<Buffer>;
}

/** Connects to a port of the loopback, with TLS on request; the test ends the connection. */
export async function connectRaw(
  t: TestContext,
  port: number,
  { tls = false } = {},
): Promise<RawClient> {
  const socket = tls
    ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })
    : connect(port, "127.0.0.1");
  let received = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  const over = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  t.after(() => socket.destroy());
  await once(socket, tls ? "secureConnect" : "connect");
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    received: () => received,
    async until(text) {
      while (!received.includes(text)) {
        if (socket.destroyed) throw new Error(`closed before ${text}: ${received.toString()}`);
        await Promise.race([once(socket, "data"), over]);
      }
    },
    async closed() {
      await over;
      return received;
    },
  };
}

/** Opens a port that passes on to another, what clients send byte by byte; the test ends it. */
export async function openBytewiseProxy(t: TestContext, port: number): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect({ port, host: "127.0.0.1", noDelay: true });
    sockets.push(client, upstream);
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
    upstream.pipe(client);
    void passBytewise(client, upstream).catch(() => upstream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function passBytewise(from: Socket, to: Socket): Promise<void> {
  for await (const chunk of from) {
    for (const byte of chunk as Buffer) {
      to.write(Buffer.of(byte));
      // Lets the byte go out before the next one comes.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  to.end();
}
