import { Buffer } from "node:buffer";
import net from "node:net";

/**
 * Opens a connection and sends the head of one HTTP/2 request in frames made by hand, in which a header may
 * stand twice; Node's own client refuses to send that. Resolves when the server closes the stream or says
 * anything on it.
 */
export function sendHttp2Head(
  origin: string,
  headers: readonly (readonly [string, string])[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = net.connect(Number(port), hostname);
    let received = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 9 && received.length >= 9 + received.readUIntBE(0, 3)) {
        if (received.readUInt32BE(5) === 1) {
          socket.destroy();
          resolve();
          return;
        }
        received = received.subarray(9 + received.readUIntBE(0, 3));
      }
    });
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    socket.write(frame(4, 0, 0, Buffer.alloc(0)));
    // END_HEADERS and END_STREAM on stream 1.
    socket.write(frame(1, 0x5, 1, Buffer.concat(headers.map(literal))));
  });
}

/** A frame of HTTP/2. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A literal header without indexing and without Huffman coding; texts are shorter than 127 bytes. */
export function literal([name, value]: readonly [string, string]): Buffer {
  const text = [name, value].map((part) => [Buffer.from([part.length]), Buffer.from(part)]);
  return Buffer.concat([Buffer.from([0]), ...text.flat()]);
}
