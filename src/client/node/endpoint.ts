import type { SecureClientSessionOptions } from "node:http2";
import type { Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { CertificatePin } from "../../domain/certificate-pin.ts";
import type { MakeAttempt } from "./attempt.ts";
import { createEndpointSession, type EndpointSession } from "./endpoint-session.ts";
import { createLeanAttempt } from "./lean/lean-attempt.ts";
import type { TransportName } from "./options.ts";
import { createStockAttempt } from "./stock-attempt.ts";

/** More than any answer has; a broken server must not fill the memory. */
const readMaxBytes = 128 * 1024 * 1024;

/** One server, or one load balancer in front of several. */
export interface Endpoint {
  /** For messages. */
  readonly origin: string;
  readonly session: EndpointSession;
  /** One attempt at this endpoint alone. */
  readonly attempt: MakeAttempt;
  /** A stream from this endpoint alone. */
  readonly stream: Transport["stream"];
}

/** Creates an endpoint; nothing is connected yet. */
export function createEndpoint(
  url: URL,
  tls: () => SecureClientSessionOptions,
  transport: TransportName,
  pin?: CertificatePin,
): Endpoint {
  const session = createEndpointSession(url.origin, tls, pin);
  const create = transport === "lean" ? createLeanAttempt : createStockAttempt;
  const streaming = createConnectTransport({
    baseUrl: url.href,
    httpVersion: "2",
    sessionManager: session,
    readMaxBytes,
  });
  return {
    origin: url.origin,
    session,
    attempt: create(url, session, readMaxBytes),
    stream: streaming.stream.bind(streaming),
  };
}
