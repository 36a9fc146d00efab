import { once } from "node:events";
import net from "node:net";

/** Frames of HTTP/2 that node:http2 does not send by itself. */
export interface Frame {
  readonly type: "headers" | "data" | "reset";
  readonly payload: Uint8Array;
}

const types = { data: 0, headers: 1, reset: 3, settings: 4 } as const;
const preface = 24;
const endHeaders = 4;

/** Starts a server that answers the first request of each connection with these frames and nothing else. */
export async function startRaw(
  frames: readonly Frame[],
): Promise<{ readonly url: string; readonly close: () => void }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.write(frame(types.settings, 0, 0, new Uint8Array()));
    let seen = Buffer.alloc(0);
    let isAnswered = false;
    socket.on("data", (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const stream = isAnswered ? undefined : streamOfRequest(seen.subarray(preface));
      if (stream === undefined) return;
      isAnswered = true;
      for (const { type, payload } of frames) {
        socket.write(frame(types[type], type === "headers" ? endHeaders : 0, stream, payload));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

/** Headers as HPACK writes what is in no table; names and values of less than 127 bytes. */
export function literalHeaders(headers: readonly (readonly [string, string])[]): Uint8Array {
  const parts = headers.flatMap(([name, value]) => [
    Buffer.of(0, name.length),
    Buffer.from(name),
    Buffer.of(value.length),
    Buffer.from(value),
  ]);
  return Buffer.concat(parts);
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The stream of the first HEADERS among the frames. */
function streamOfRequest(bytes: Buffer): number | undefined {
  let at = 0;
  while (at + 9 <= bytes.length) {
    if (bytes[at + 3] === types.headers) return bytes.readUInt32BE(at + 5);
    at += 9 + bytes.readUIntBE(at, 3);
  }
  return undefined;
}
