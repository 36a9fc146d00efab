import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type SecureVersion } from "node:tls";
import type { TestCertificate } from "./certificates.ts";

/** A server that answers handshakes, and notes what it is sent after that. */
export interface SilentTls {
  readonly url: string;
  /** How many connections there have been. */
  readonly connections: () => number;
  /** How many handshakes came to their end. */
  readonly handshakes: () => number;
  /** How many bytes it was sent after them. */
  readonly bytes: () => number;
  /** Resolves when each connection has ended. */
  readonly ended: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts one on a port of 127.0.0.1, a free one unless given. Ends with the test or the file. */
export async function startSilentTls(
  t: { readonly after: (end: () => Promise<void>) => void },
  { cert, key }: TestCertificate,
  port = 0,
  maxVersion: SecureVersion = "TLSv1.3",
): Promise<SilentTls> {
  const sockets: Socket[] = [];
  let handshakes = 0;
  let bytes = 0;
  const server = createServer({ cert, key, ALPNProtocols: ["h2"], maxVersion }, (socket) => {
    handshakes += 1;
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => (bytes += data.length));
  });
  server.on("connection", (socket: Socket) => sockets.push(socket));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  t.after(close);
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.length,
    handshakes: () => handshakes,
    bytes: () => bytes,
    ended: async () => {
      for (const socket of sockets) if (!socket.closed) await once(socket, "close");
    },
    close,
  };
}

/** What clients pin of a certificate. */
export function fingerprintOf({ cert }: TestCertificate): string {
  const { fingerprint256 } = new X509Certificate(cert);
  return `sha256:${fingerprint256.replaceAll(":", "").toLowerCase()}`;
}
