import { once } from "node:events";
import http2 from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  connectPinned,
  WrongCertificateError,
  type PinnedSocket,
} from "../client/node/pinned-socket.ts";
import type { TlsOptions } from "./tls-options.ts";

/** One HTTP/2 connection, as the transport of connect wants it. */
export interface ClientSession {
  /** The origin that it goes to. */
  readonly authority: string;
  readonly request: (
    method: string,
    path: string,
    headers: http2.OutgoingHttpHeaders,
    options: Omit<http2.ClientSessionRequestOptions, "signal">,
  ) => Promise<http2.ClientHttp2Stream>;
  readonly notifyResponseByteRead: () => void;
  /** Ends the connection and what is open on it, so that the process can end. */
  readonly close: () => void;
}

/**
 * Creates a connection that is opened by the first request and lasts for one command: nothing is retried
 * or kept alive. The manager that comes with connect stops listening for errors when it is aborted, so
 * that an error of a broken connection that arrives late ends the process. With a pin, a server with another certificate hears nothing.
 */
export function createClientSession(endpoint: URL, { pin, ...options }: TlsOptions): ClientSession {
  let dialing: PinnedSocket | undefined;
  let session: http2.ClientHttp2Session | undefined;
  let opening: Promise<http2.ClientHttp2Session> | undefined;
  const connect = async (): Promise<http2.ClientHttp2Session> => {
    let more: http2.SecureClientSessionOptions = options;
    if (pin !== undefined) {
      dialing = connectPinned(endpoint.origin, pin, options);
      const socket = await dialing.ready.catch(nameWrongCertificate);
      more = { createConnection: () => socket };
    }
    session = http2.connect(endpoint.origin, more);
    // Streams and the wait below report what matters; this one is for what comes after them.
    session.on("error", () => undefined);
    await once(session, "connect");
    return session;
  };
  return {
    authority: endpoint.origin,
    request: async (method, path, headers, requestOptions) => {
      const open = await (opening ??= connect());
      return open.request({ ...headers, ":method": method, ":path": path }, requestOptions);
    },
    notifyResponseByteRead: () => undefined,
    close: () => {
      dialing?.destroy();
      session?.destroy();
    },
  };
}

/** No failure of the network that may pass. */
function nameWrongCertificate(error: unknown): never {
  if (!(error instanceof WrongCertificateError)) throw error;
  throw new ConnectError(error.message, Code.FailedPrecondition, undefined, undefined, error);
}
