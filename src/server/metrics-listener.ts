import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Logger } from "pino";
import { createHttpProbes } from "./http-probes.ts";
import { formatAddress, listen } from "./listen.ts";
import type { Metrics } from "./metrics.ts";

/** The open address of the metrics. */
export interface MetricsListener {
  /** `http://host:port/metrics`. */
  readonly url: string;
  readonly port: number;
  /** Closes the address and its connections. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens an address that answers `GET /metrics` and the probes and nothing else, in cleartext. The probes are here too because
 * a port that processes share does not tell which of them answers. Throws ListenError.
 */
export async function openMetricsListener(options: {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly metrics: Pick<Metrics, "render" | "contentType">;
  readonly isReady: () => boolean;
  readonly log: Logger;
}): Promise<MetricsListener> {
  const { host, metrics, isReady, log } = options;
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 5000,
      keepAliveTimeout: 60_000,
      connectionsCheckingInterval: 1000,
    },
    createHttpProbes(isReady, (request, response) => {
      // The server is one of HTTP/1.1.
      const plain = response as ServerResponse;
      answer(request as IncomingMessage, plain, metrics).catch((cause: unknown) => {
        log.error({ err: cause }, "the metrics could not be read");
        if (!plain.headersSent) plain.statusCode = 500;
        plain.end();
      });
    }),
  );
  server.maxConnections = 50;
  const port = await listen(server, { host, port: options.port });
  server.on("error", (cause) => log.warn({ err: cause }, "cannot accept a connection"));
  let closing: Promise<void> | undefined;
  return {
    url: `http://${formatAddress(host, port)}/metrics`,
    port,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Pick<Metrics, "render" | "contentType">,
): Promise<void> {
  // A scrape has no body; whoever sends one is not heard to its end.
  if (request.headers["content-length"] ?? request.headers["transfer-encoding"]) {
    response.setHeader("connection", "close");
  }
  if (request.url !== "/metrics") {
    response.writeHead(404).end();
  } else if (request.method !== "GET") {
    response.writeHead(405, { allow: "GET" }).end();
  } else {
    const text = await metrics.render();
    response
      .writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" })
      .end(text);
  }
}
