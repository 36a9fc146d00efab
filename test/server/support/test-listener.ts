import { once } from "node:events";
import http2 from "node:http2";
import type { ClientHttp2Session } from "node:http2";
import type { TestContext } from "node:test";
import type { TakeStream } from "../../../src/rpc/handler.ts";
import type { ClientCertificates } from "../../../src/server/client-certificates.ts";
import type { ConnectionLimits } from "../../../src/server/connection-limits.ts";
import { openListener, type Listener } from "../../../src/server/listener.ts";
import type { RequestHandler } from "../../../src/server/request-handler.ts";
import type { TlsFiles, TlsSource } from "../../../src/server/tls-files.ts";
import { memoryLog, type MemoryLog } from "./memory-log.ts";

/** Limits that no test comes to. */
export const wideLimits: ConnectionLimits = {
  maxConnections: 100,
  maxStreams: 100,
  maxHeaderBytes: 8192,
  idleTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  headersTimeoutMs: 60_000,
  maxConnectionAgeMs: undefined,
  connectionAgeGraceMs: 60_000,
};

/** A certificate for localhost and 127.0.0.1, made for tests. */
export const testTlsFiles: TlsFiles = {
  certFile: new URL("tls/cert.pem", import.meta.url).pathname,
  keyFile: new URL("tls/key.pem", import.meta.url).pathname,
};

/** Answers the HTTP version, and ends the request unread. */
export const echoVersion: RequestHandler = (request, response) => {
  respond(response, 200, request.httpVersion);
};

/** Answers with a body. */
export function respond(
  response: Parameters<RequestHandler>[1],
  status: number,
  body: string,
): void {
  response.statusCode = status;
  if ("stream" in response) response.end(body);
  else response.end(body);
}

/** Opens a listener on a free port of the loopback; the test ends it. Limits are wide unless given. */
export async function openTestListener(
  t: TestContext,
  options: {
    readonly handler?: RequestHandler;
    readonly take?: TakeStream;
    readonly limits?: Partial<ConnectionLimits>;
    readonly tls?: TlsSource;
    readonly certificates?: ClientCertificates;
    readonly tlsPollMs?: number;
    readonly host?: string;
    readonly port?: number;
    readonly reusePort?: boolean;
  } = {},
): Promise<Listener & { readonly log: MemoryLog }> {
  const log = memoryLog();
  const { certificates, tlsPollMs } = options;
  const listener = await openListener({
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    reusePort: options.reusePort ?? false,
    tls: options.tls,
    handler: options.handler ?? echoVersion,
    take: options.take,
    limits: { ...wideLimits, ...options.limits },
    log: log.log,
    ...(certificates && { certificates }),
    ...(tlsPollMs !== undefined && { tlsPollMs }),
  });
  t.after(() => listener.drain(0));
  return { ...listener, log };
}

/** Opens an HTTP/2 session; the test ends it. Errors of the session are left to its `close`. */
export async function connectHttp2(
  t: TestContext,
  url: string,
  options: http2.SecureClientSessionOptions = {},
): Promise<ClientHttp2Session> {
  const session = http2.connect(url, options);
  session.on("error", () => {});
  t.after(() => {
    if (!session.destroyed) session.destroy();
  });
  await once(session, "connect");
  return session;
}

/** Makes a call and gives its status and body; throws when the call does not end well. */
export async function callHttp2(
  session: ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = {},
  requestBody?: Uint8Array,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const stream = session.request({ ":path": "/", ...headers });
  if (requestBody !== undefined) stream.end(requestBody);
  stream.setEncoding("utf8");
  let status: number | undefined;
  stream.once("response", (answered) => {
    status = answered[":status"];
  });
  let body = "";
  for await (const chunk of stream) body += String(chunk);
  if (stream.rstCode !== 0) throw new Error(`the call was reset with ${stream.rstCode}`);
  if (stream.aborted || status === undefined) throw new Error("the call was cut off");
  return { status, body };
}
