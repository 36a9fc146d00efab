import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { Credential } from "./credential.ts";
import type { EndpointPool } from "./endpoint-pool.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HeadersInit } from "./scope.ts";

/** What streams need of the failover transport. */
export interface StreamingOptions {
  readonly pool: EndpointPool<Endpoint>;
  readonly credential: Credential;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
}

/**
 * Creates the streams of a client: those on which the server alone sends, at the endpoint in use, for as long as it lasts.
 * There is no deadline unless the call brings one, and nothing is repeated: who reads knows where to go on.
 */
export function createStreaming({
  pool,
  credential,
  closed,
}: StreamingOptions): Transport["stream"] {
  return async (
    method,
    signal,
    timeoutMs,
    header: HeadersInit | undefined,
    input,
    contextValues,
  ) => {
    if (method.methodKind !== "server_streaming") {
      throw new ConnectError("this client sends no streams", Code.Unimplemented);
    }
    const [endpoint] = pool.order();
    if (endpoint === undefined) throw new ConnectError("there is no endpoint", Code.Unavailable);
    closed.throwIfAborted();
    const sent = new Headers(header);
    if (!sent.has("authorization")) {
      const token = await credential.current();
      if (token !== undefined) sent.set("authorization", `Bearer ${token}`);
    }
    const either = signal === undefined ? closed : AbortSignal.any([closed, signal]);
    try {
      // 0 is no deadline.
      return await endpoint.stream(method, either, timeoutMs ?? 0, sent, input, contextValues);
    } catch (thrown) {
      const error = ConnectError.from(thrown);
      if (error.code === Code.Unavailable) pool.failed(endpoint);
      throw error;
    }
  };
}
