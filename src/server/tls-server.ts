import { constants } from "node:crypto";
import { createServer, type Server, type ServerOpts } from "node:net";
import { createServer as createTlsEnd, type Server as TlsEnd, type TLSSocket } from "node:tls";
import type { ClientAuthorities } from "./client-authorities.ts";
import type { SniffedProtocol } from "./protocol-sniffer.ts";
import type { TlsMaterial } from "./tls-files.ts";

/** A server whose connections begin with a TLS handshake. */
export interface TlsServer {
  /** Takes the connections. */
  readonly server: Server;
  /** Serves connections that are taken from now on with other material. */
  use(material: TlsMaterial): void;
}

/** Takes over a socket after its handshake. The authorities are those that the client was judged by. */
export type OnTlsSocket = (
  socket: TLSSocket,
  protocol: SniffedProtocol,
  authorities: ClientAuthorities | undefined,
) => void;

/** How the handshake goes, whatever the material. */
export interface HandshakeOptions {
  readonly timeoutMs: number;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

/**
 * Makes a TLS server that offers HTTP/2 and HTTP/1.1 by ALPN and hands each socket on
 * after its handshake. A client without ALPN speaks HTTP/1.1.
 */
export function createTlsServer(
  material: TlsMaterial,
  handshake: HandshakeOptions,
  socketOptions: ServerOpts,
  onSocket: OnTlsSocket,
): TlsServer {
  // A handshake goes on with the material that it began with, so each material has an end of its own.
  let end = createEnd(material, handshake, onSocket);
  return {
    server: createServer(socketOptions, (socket) => end.emit("connection", socket)),
    use(next) {
      end = createEnd(next, handshake, onSocket);
    },
  };
}

function createEnd(
  { identity, authorities }: TlsMaterial,
  { timeoutMs: handshakeTimeout, minVersion }: HandshakeOptions,
  onSocket: OnTlsSocket,
): TlsEnd {
  const { cert, key } = identity;
  const end = createTlsEnd(
    {
      cert,
      key,
      minVersion,
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout,
      ...(authorities === undefined ? {} : askForCertificates(authorities)),
    },
    (socket) => onSocket(socket, socket.alpnProtocol === "h2" ? "http2" : "http1", authorities),
  );
  // Node tells of a handshake that took too long, and leaves the socket open.
  end.on("tlsClientError", (_, socket) => socket.destroy());
  return end;
}

// Who gives a certificate that is not good is refused with an answer, by admission. Nothing is resumed, since
// a resumed session is as verified as it was under the authorities of its time, and the certificate that was
// looked at stays the one of the connection.
function askForCertificates(authorities: ClientAuthorities) {
  return {
    ca: authorities.certificates.map((certificate) => certificate.toString()),
    requestCert: true,
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
}
