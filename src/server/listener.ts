import { createServer, type Server, type Socket } from "node:net";
import type { Logger } from "pino";
import type { TakeStream } from "../rpc/handler.ts";
import { whenAllAccepted } from "./accept-queue.ts";
import type { ClientCertificates } from "./client-certificates.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { createConnections, type Connections } from "./connections.ts";
import { createLimitedLog, type LimitedLog } from "./limited-log.ts";
import { formatAddress, listen } from "./listen.ts";
import type { RequestHandler } from "./request-handler.ts";
import { readTlsFiles, type TlsMaterial, type TlsSource } from "./tls-files.ts";
import { startTlsReload, usualTlsPollMs, type TlsReload, type TlsStatus } from "./tls-reload.ts";
import { createTlsServer } from "./tls-server.ts";

/** Where and how a listener serves. */
export interface ListenerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether it may be shared with other processes; unless given, not. */
  readonly reusePort?: boolean;
  /** Undefined: cleartext. */
  readonly tls: TlsSource | undefined;
  /** Told what clients prove by certificates; undefined: nobody asks. */
  readonly certificates?: ClientCertificates;
  /** How often TLS files are looked at, in ms; undefined: as usual. */
  readonly tlsPollMs?: number;
  readonly handler: RequestHandler;
  /** What is offered each stream of HTTP/2 before the handler; undefined: the handler serves all. */
  readonly take?: TakeStream | undefined;
  readonly limits: ConnectionLimits;
  readonly log: Logger;
}

/** One open port that serves HTTP/1.1 and HTTP/2. */
export interface Listener {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  readonly port: number;
  /** The open connections by protocol. */
  connections(): { readonly http1: number; readonly http2: number };
  /** How many connections were closed on arrival because there were too many. */
  refusedConnections(): number;
  /** Undefined: cleartext. */
  tlsStatus(): TlsStatus | undefined;
  /**
   * Stops accepting, tells every client to go away, lets calls under way end, and ends what is left
   * after `graceMs`. Resolves when no connection is open. May be called again: it is one drain.
   */
  drain(graceMs: number): Promise<void>;
}

/**
 * Opens a port. In cleartext the first bytes of a connection tell HTTP/2 (with prior knowledge) from
 * HTTP/1.1; with TLS, ALPN does. Throws ListenError, or OptionsError for unusable TLS files.
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { host, tls, limits, log, certificates, take = takeNothing } = options;
  const connections = createConnections(options.handler, take, limits, log, (socket, session) => {
    certificates?.share(socket, session);
  });
  const limited = createLimitedLog(log, { linesPerSecond: 5 });
  try {
    const { server, reload } = createPort(options, connections);
    server.maxConnections = limits.maxConnections;
    const sockets = trackSockets(server);
    let refused = 0;
    server.on("drop", () => {
      refused += 1;
      limited.write("warn", "drop", { limit: limits.maxConnections }, "too many connections");
    });
    const port = await listen(server, options);
    server.on("error", (cause) => {
      limited.write("warn", "accept", { err: cause }, "cannot accept a connection");
    });
    const tlsReload = reload?.();
    let draining: Promise<void> | undefined;
    return {
      url: `${tls === undefined ? "http" : "https"}://${formatAddress(host, port)}`,
      port,
      connections: () => connections.count(),
      refusedConnections: () => refused,
      tlsStatus: () => tlsReload?.status(),
      drain(graceMs) {
        tlsReload?.close();
        return (draining ??= drain(server, sockets, connections, limited, options, graceMs));
      },
    };
  } catch (cause) {
    connections.close();
    limited.close();
    throw cause;
  }
}

const takeNothing: TakeStream = () => false;

interface Port {
  readonly server: Server;
  /** Keeps TLS in step with its files from now on; undefined in cleartext. */
  readonly reload: (() => TlsReload) | undefined;
}

function createPort(options: ListenerOptions, connections: Connections): Port {
  const { tls: source, limits, log, certificates, tlsPollMs: pollMs = usualTlsPollMs } = options;
  if (source === undefined) {
    const server = createServer({ allowHalfOpen: true, ...socketOptions }, (socket) => {
      connections.accept(socket, undefined);
    });
    return { server, reload: undefined };
  }
  const material = readTlsFiles(source);
  const tlsServer = createTlsServer(
    material,
    { timeoutMs: limits.headersTimeoutMs, minVersion: source.minVersion ?? "TLSv1.2" },
    socketOptions,
    (socket, protocol, authorities) => {
      if (authorities !== undefined) certificates?.note(socket, authorities);
      connections.accept(socket, protocol);
    },
  );
  let { authorities } = material;
  if (authorities !== undefined) certificates?.setAuthorities(authorities);
  function onChange(next: TlsMaterial): void {
    tlsServer.use(next);
    if (next.authorities === undefined || next.authorities === authorities) return;
    ({ authorities } = next);
    certificates?.setAuthorities(next.authorities);
    connections.age();
  }
  const { server } = tlsServer;
  return { server, reload: () => startTlsReload({ source, material, pollMs, log, onChange }) };
}

// Probes of the system find peers that vanished without a word.
const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

// On a port that is shared, clients expect no break at all; but even a flood of new connections must not keep a process.
const acceptPatienceMs = 1000;

// The raw sockets: those in a TLS handshake are nowhere else.
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

async function drain(
  server: Server,
  sockets: ReadonlySet<Socket>,
  connections: Connections,
  limited: LimitedLog,
  { reusePort = false }: ListenerOptions,
  graceMs: number,
): Promise<void> {
  if (reusePort) await whenAllAccepted(server, Math.min(graceMs, acceptPatienceMs));
  // The port is closed first: a client that is told to go away must not find this process again where others serve too.
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  connections.retire();
  const timer = setTimeout(() => {
    connections.destroy();
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await closed;
  await connections.whenEmpty();
  clearTimeout(timer);
  connections.close();
  limited.close();
}
