import { Buffer } from "node:buffer";
import http from "node:http";
import type http2 from "node:http2";

/** An answer as it came over the wire. */
export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
}

/** A request as it goes over the wire. An array of values sends a header more than once. */
export interface RawRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
  readonly method?: string;
}

/** Sends a request over HTTP/1.1, on a connection of its own. */
export function exchangeHttp1(origin: string, request: RawRequest): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const headers: string[] = [];
    for (const [name, value] of Object.entries(request.headers)) {
      for (const one of typeof value === "string" ? [value] : value) headers.push(name, one);
    }
    if (!("host" in request.headers)) headers.push("host", "fleetgate.test");
    if (!("content-length" in request.headers) && !("transfer-encoding" in request.headers)) {
      headers.push("content-length", request.body.byteLength.toString());
    }
    const sent = http.request(
      {
        hostname,
        port,
        path: request.path,
        method: request.method ?? "POST",
        headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: flatten(response.headers),
            body: Buffer.concat(chunks),
            trailers: flatten(response.trailers),
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(request.body);
  });
}

/** Sends a request over a session of HTTP/2. */
export function exchangeHttp2(
  session: http2.ClientHttp2Session,
  request: RawRequest,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      { ":method": request.method ?? "POST", ":path": request.path, ...request.headers },
      { endStream: false },
    );
    let headers: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on("response", (received) => (headers = received));
    stream.on("trailers", (received: http2.IncomingHttpHeaders) => {
      trailers = received;
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => {
      resolve({
        status: Number(headers[":status"]),
        headers: flatten(headers),
        body: Buffer.concat(chunks),
        trailers: flatten(trailers),
      });
    });
    stream.end(request.body);
  });
}

/** The bytes of a message in the envelope of gRPC and gRPC-Web. */
export function envelope(message: Uint8Array, flags = 0): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

function flatten(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name !== "date" && !name.startsWith(":"))
      .map(([name, value]) => [name, String(value)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
