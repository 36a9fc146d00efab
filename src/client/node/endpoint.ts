import type { SecureClientSessionOptions } from "node:http2";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createEndpointSession, type EndpointSession } from "./endpoint-session.ts";

/** More than any answer has; a broken server must not fill the memory. */
const readMaxBytes = 128 * 1024 * 1024;

/** One server, or one load balancer in front of several. */
export interface Endpoint {
  /** For messages. */
  readonly origin: string;
  readonly session: EndpointSession;
  /** One attempt at this endpoint alone. */
  readonly transport: Transport;
}

/** Creates an endpoint; nothing is connected yet. */
export function createEndpoint(url: URL, tls: () => SecureClientSessionOptions): Endpoint {
  const session = createEndpointSession(url.origin, tls);
  const transport = createConnectTransport({
    baseUrl: url.href,
    httpVersion: "2",
    sessionManager: session,
    readMaxBytes,
  });
  return { origin: url.origin, session, transport };
}
