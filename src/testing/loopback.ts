import type { RpcHandler } from "../rpc/handler.ts";
import type { ConnectionLimits } from "../server/connection-limits.ts";
import { createHttpProbes } from "../server/http-probes.ts";
import { openListener } from "../server/listener.ts";
import { createLog } from "../server/log.ts";

/** An open port of the loopback interface. */
export interface LoopbackPort {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Closes it and ends its connections. */
  readonly close: () => Promise<void>;
}

const limits: ConnectionLimits = {
  maxConnections: 1000,
  maxStreams: 1000,
  maxHeaderBytes: 16_384,
  idleTimeoutMs: 600_000,
  requestTimeoutMs: 60_000,
  headersTimeoutMs: 10_000,
  maxConnectionAgeMs: undefined,
  connectionAgeGraceMs: 1000,
};

/** Opens a free port of 127.0.0.1 for HTTP/1.1 and HTTP/2 in cleartext, with the probes of the server. */
export async function openLoopback(
  handler: RpcHandler,
  isReady: () => boolean,
): Promise<LoopbackPort> {
  const listener = await openListener({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    handler: createHttpProbes(isReady, handler),
    limits,
    log: createLog({ level: "silent" }),
  });
  return { url: listener.url, close: () => listener.drain(0) };
}
