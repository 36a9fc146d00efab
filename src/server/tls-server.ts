import type { Server } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { SniffedProtocol } from "./protocol-sniffer.ts";
import { readTlsFiles, type TlsFiles } from "./tls-files.ts";

/**
 * Makes a TLS server (1.2 or later) that offers HTTP/2 and HTTP/1.1 by ALPN and hands each socket on
 * after its handshake. A client without ALPN speaks HTTP/1.1. Throws OptionsError for unusable files.
 */
export function createTlsServer(
  files: TlsFiles,
  handshakeTimeoutMs: number,
  socketOptions: Pick<TlsOptions, "noDelay" | "keepAlive" | "keepAliveInitialDelay">,
  onSocket: (socket: TLSSocket, protocol: SniffedProtocol) => void,
): Server {
  const server = createServer(
    {
      ...socketOptions,
      ...readTlsFiles(files),
      minVersion: "TLSv1.2",
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: handshakeTimeoutMs,
    },
    (socket) => onSocket(socket, socket.alpnProtocol === "h2" ? "http2" : "http1"),
  );
  // Node tells of a handshake that took too long, and leaves the socket open.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}
