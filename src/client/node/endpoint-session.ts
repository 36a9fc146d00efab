import http2 from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { CertificatePin } from "../../domain/certificate-pin.ts";
import { connectPinned, findWrongCertificate, type PinnedSocket } from "./pinned-socket.ts";

/** How long a connection may take, and how long the answer to a ping. */
const connectTimeoutMs = 5000;
const pingTimeoutMs = 1000;

/** The HTTP/2 connection to one endpoint. */
export interface EndpointSession {
  /**
   * Sends the headers of a request, at once when the connection is open. Otherwise it is opened, and when it is
   * open `isWanted` is asked whether the request still is; undefined: it was not. Throws what node:http2 throws
   * at headers that cannot be sent, and UNAVAILABLE when there is no connection.
   */
  readonly send: (
    headers: http2.OutgoingHttpHeaders,
    isWanted: () => boolean,
  ) => http2.ClientHttp2Stream | Promise<http2.ClientHttp2Stream | undefined>;
  /** These three are what the transport of connect wants. */
  readonly authority: string;
  readonly request: (
    method: string,
    path: string,
    headers: http2.OutgoingHttpHeaders,
    options: Omit<http2.ClientSessionRequestOptions, "signal">,
  ) => Promise<http2.ClientHttp2Stream>;
  readonly notifyResponseByteRead: () => void;
  /**
   * Pings the open connection, and ends it when no answer comes within a second. Resolves to whether it
   * lives; one that is still not open does not.
   */
  readonly verify: () => Promise<boolean>;
  /** Ends every connection and what is open on it. No other is opened then: requests are UNAVAILABLE. */
  readonly close: () => void;
}

/**
 * Creates a connection that the first request opens, and that the next request replaces once it has died or
 * the server has told it to go away; what is open on it then comes to its end. An idle one does not keep
 * the process alive. `tls` is asked before each connection. With a pin, a server with another certificate is
 * FAILED_PRECONDITION and hears nothing.
 *
 * The manager that comes with connect stops listening for errors when it is aborted, so that an error that
 * arrives late ends the process (see src/cli/client-session.ts), and does not notice a dead peer.
 */
export function createEndpointSession(
  origin: string,
  tls: () => http2.SecureClientSessionOptions,
  pin?: CertificatePin,
): EndpointSession {
  const dialed = new Set<PinnedSocket>();
  const sessions = new Set<http2.ClientHttp2Session>();
  let current: Promise<http2.ClientHttp2Session> | undefined;
  let openSession: http2.ClientHttp2Session | undefined;
  let verifying: Promise<boolean> | undefined;
  let isClosed = false;

  const open = (): Promise<http2.ClientHttp2Session> => {
    // A request that waited may come after the end, and nobody would end its connection.
    if (isClosed) throw new ConnectError("the client is closed", Code.Unavailable);
    const start = (more: http2.SecureClientSessionOptions): Promise<http2.ClientHttp2Session> => {
      const session = http2.connect(origin, { ...more, settings: { enablePush: false } });
      sessions.add(session);
      // While the socket was dialed, or its material read, all others were ended.
      if (isClosed) session.destroy();
      const forget = (): void => {
        if (current === opening) current = undefined;
        if (openSession === session) openSession = undefined;
      };
      session.once("goaway", forget);
      session.once("close", () => {
        forget();
        sessions.delete(session);
      });
      return waitUntilReady(session, origin).then(() => {
        // What is open on it keeps the process alive, it alone does not.
        session.unref();
        if (current === opening) openSession = session;
        return session;
      });
    };
    const opening = pin === undefined ? start(tls()) : dial(pin).then(start);
    opening.catch(() => {
      if (current === opening) current = undefined;
    });
    current = opening;
    return opening;
  };

  const dial = async (checked: CertificatePin): Promise<http2.SecureClientSessionOptions> => {
    const dialing = connectPinned(origin, checked, tls());
    dialed.add(dialing);
    const timer = setTimeout(dialing.destroy, connectTimeoutMs).unref();
    try {
      const socket = await dialing.ready;
      return { createConnection: () => socket };
    } catch (error) {
      throw toNoConnection(error, origin);
    } finally {
      clearTimeout(timer);
      dialed.delete(dialing);
    }
  };

  const sendLater = async (
    headers: http2.OutgoingHttpHeaders,
    isWanted: () => boolean,
  ): Promise<http2.ClientHttp2Stream | undefined> => {
    for (let attempt = 1; ; attempt += 1) {
      const session = await (current ?? open());
      if (!isWanted()) return undefined;
      const isOver = session.closed || session.destroyed;
      if (!isOver || attempt === 2) return sendOn(session, headers);
      // It closed during the wait. Some versions of Node throw at such a request, others hand out a stream that fails.
      current = undefined;
    }
  };

  return {
    send: (headers, isWanted) =>
      openSession === undefined || openSession.closed || openSession.destroyed
        ? sendLater(headers, isWanted)
        : sendOn(openSession, headers),
    authority: origin,
    request: async (method, path, headers) => {
      const whole = { ...headers, ":method": method, ":path": path };
      const stream = await sendLater(whole, () => true);
      if (stream === undefined) throw new Error("a request that is always wanted was not sent");
      return stream;
    },
    notifyResponseByteRead: () => undefined,
    verify: () => {
      if (openSession === undefined) return Promise.resolve(current === undefined);
      verifying ??= ping(openSession).finally(() => {
        verifying = undefined;
      });
      return verifying;
    },
    close: () => {
      isClosed = true;
      for (const dialing of dialed) dialing.destroy();
      for (const session of sessions) session.destroy();
    },
  };
}

/**
 * Waits for the settings of the server: a socket that is open says nothing about who is at the other end.
 * Any failure is UNAVAILABLE.
 */
function waitUntilReady(session: http2.ClientHttp2Session, origin: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let cause: unknown;
    // This listener stays: an error that comes late would end the process.
    session.on("error", (error) => {
      cause ??= error;
    });
    const timer = setTimeout(() => {
      cause = new Error(`no settings within ${connectTimeoutMs} ms`);
      session.destroy();
    }, connectTimeoutMs).unref();
    session.once("remoteSettings", () => {
      clearTimeout(timer);
      resolve();
    });
    session.once("close", () => {
      clearTimeout(timer);
      reject(toNoConnection(cause, origin));
    });
  });
}

/** A server that is not the pinned one is not down: nobody is to try again, here or elsewhere, without looking. */
function toNoConnection(cause: unknown, origin: string): ConnectError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  const message = `no connection to ${origin}${why}`;
  const code =
    findWrongCertificate(cause) === undefined ? Code.Unavailable : Code.FailedPrecondition;
  return new ConnectError(message, code, undefined, undefined, cause);
}

const openStreams = new WeakMap<http2.ClientHttp2Session, number>();

/** Keeps the process alive as long as the answer is out. */
function sendOn(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
): http2.ClientHttp2Stream {
  const stream = session.request(headers);
  const count = (openStreams.get(session) ?? 0) + 1;
  openStreams.set(session, count);
  if (count === 1) session.ref();
  stream.once("close", () => {
    const left = (openStreams.get(session) ?? 1) - 1;
    openStreams.set(session, left);
    if (left === 0) session.unref();
  });
  return stream;
}

function ping(session: http2.ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (lives: boolean): void => {
      clearTimeout(timer);
      if (!lives) session.destroy();
      resolve(lives);
    };
    const timer = setTimeout(end, pingTimeoutMs, false).unref();
    try {
      session.ping((error) => {
        end(error === null);
      });
    } catch {
      end(false);
    }
  });
}
