import { createConnectTransport } from "@connectrpc/connect-node";
import type { MakeAttempt } from "./attempt.ts";
import type { EndpointSession } from "./endpoint-session.ts";

/** Makes attempts by the transport of connect. Answers of more than `readMaxBytes` are RESOURCE_EXHAUSTED. */
export function createStockAttempt(
  url: URL,
  session: EndpointSession,
  readMaxBytes: number,
): MakeAttempt {
  const transport = createConnectTransport({
    baseUrl: url.href,
    httpVersion: "2",
    sessionManager: session,
    readMaxBytes,
  });
  return ({ method, input, header, token, timeoutMs, scope, contextValues }) => {
    const sent = new Headers(header);
    if (token !== undefined) sent.set("authorization", `Bearer ${token}`);
    // 0 is no deadline.
    return transport.unary(method, scope.signal(), timeoutMs ?? 0, sent, input, contextValues);
  };
}
