import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { connect, type SecureContextOptions, type TLSSocket } from "node:tls";
import { formatCertificatePin, type CertificatePin } from "../../domain/certificate-pin.ts";

/** A connection on its way to a server that must show a certain certificate. */
export interface PinnedSocket {
  /** The connection, over which nothing was sent yet; fails with {@link WrongCertificateError}, or for want of a connection. */
  readonly ready: Promise<TLSSocket>;
  /** Gives it up. */
  readonly destroy: () => void;
}

/** The server at this address is not the one that is pinned. Nothing was sent to it. */
export class WrongCertificateError extends Error {
  override readonly name = "WrongCertificateError";
  /** `sha256:` and hexadecimal digits. */
  readonly expected: string;
  /** The same of what was shown. */
  readonly shown: string;

  constructor(origin: string, expected: string, shown: string) {
    super(`${origin} shows the certificate ${shown}, where ${expected} is pinned`);
    this.expected = expected;
    this.shown = shown;
  }
}

/**
 * Connects for HTTP/2 over TLS 1.3, and looks at the certificate before anybody can send a request: it must be the pinned one.
 * Whoever vouches for it, and whatever it says, does not matter; that the server has its key, the handshake has proven.
 */
export function connectPinned(
  origin: string,
  pin: CertificatePin,
  options: SecureContextOptions,
): PinnedSocket {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, "");
  const socket = connect({
    ...options,
    host,
    port: port === "" ? 443 : Number(port),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    minVersion: "TLSv1.3",
    ALPNProtocols: ["h2"],
    // The pin stands for the authority and for the name.
    rejectUnauthorized: false,
  });
  const ready = new Promise<TLSSocket>((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(error);
      socket.destroy();
    };
    // This listener stays: an error that comes late would end the process.
    socket.on("error", fail);
    socket.once("close", () => {
      reject(new Error("the connection was closed in the handshake"));
    });
    socket.once("secureConnect", () => {
      const shown = sha256Of(socket);
      if (!isSame(shown, pin)) {
        fail(
          new WrongCertificateError(
            origin,
            formatCertificatePin(pin),
            formatCertificatePin(shown.toString("hex")),
          ),
        );
      } else if (socket.alpnProtocol !== "h2") {
        fail(new Error("the server does not offer HTTP/2"));
      } else {
        resolve(socket);
      }
    });
  });
  // Whoever waits hears of it; who has given up does not.
  ready.catch(() => undefined);
  return { ready, destroy: () => socket.destroy() };
}

/** The wrong certificate behind an error, if that is why there is no connection. */
export function findWrongCertificate(error: unknown): WrongCertificateError | undefined {
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    if (at instanceof WrongCertificateError) return at;
    seen.add(at);
  }
  return undefined;
}

// Without a certificate it is that of nothing, which is pinned nowhere.
function sha256Of(socket: TLSSocket): Buffer {
  const raw = socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0);
  return createHash("sha256").update(raw).digest();
}

function isSame(shown: Buffer, pin: CertificatePin): boolean {
  const pinned = Buffer.from(pin, "hex");
  return pinned.length === shown.length && timingSafeEqual(pinned, shown);
}
