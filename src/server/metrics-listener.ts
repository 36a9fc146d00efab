import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Logger } from "pino";
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

/** Opens an address that answers `GET /metrics` and nothing else, in cleartext. Throws ListenError. */
export async function openMetricsListener(options: {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly metrics: Pick<Metrics, "render" | "contentType">;
  readonly log: Logger;
}): Promise<MetricsListener> {
  const { host, metrics, log } = options;
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: 5000,
      requestTimeout: 5000,
      keepAliveTimeout: 60_000,
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      answer(request, response, metrics).catch((cause: unknown) => {
        log.error({ err: cause }, "the metrics could not be read");
        if (!response.headersSent) response.statusCode = 500;
        response.end();
      });
    },
  );
  server.maxConnections = 50;
  const port = await listen(server, host, options.port);
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
