import { readFileSync } from "node:fs";
import type { Server } from "node:net";
import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { ListenError } from "./listen.ts";
import type { SniffedProtocol } from "./protocol-sniffer.ts";

/** The paths of a certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Makes a TLS server (1.2 or later) that offers HTTP/2 and HTTP/1.1 by ALPN and hands each socket on
 * after its handshake. A client without ALPN speaks HTTP/1.1. Throws ListenError for unusable files.
 */
export function createTlsServer(
  files: TlsFiles,
  handshakeTimeoutMs: number,
  socketOptions: Pick<TlsOptions, "noDelay" | "keepAlive" | "keepAliveInitialDelay">,
  onSocket: (socket: TLSSocket, protocol: SniffedProtocol) => void,
): Server {
  const cert = readPem(files.certFile, "certificate");
  const key = readPem(files.keyFile, "key");
  try {
    const server = createServer(
      {
        ...socketOptions,
        cert,
        key,
        minVersion: "TLSv1.2",
        ALPNProtocols: ["h2", "http/1.1"],
        handshakeTimeout: handshakeTimeoutMs,
      },
      (socket) => onSocket(socket, socket.alpnProtocol === "h2" ? "http2" : "http1"),
    );
    // Node tells of a handshake that took too long, and leaves the socket open.
    server.on("tlsClientError", (_, socket) => socket.destroy());
    return server;
  } catch (cause) {
    throw new ListenError(
      `cannot use the TLS certificate ${files.certFile} with the key ${files.keyFile}: both must be PEM and belong together`,
      { cause },
    );
  }
}

function readPem(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ListenError(`cannot read the TLS ${what} file ${path}`, { cause });
  }
}
