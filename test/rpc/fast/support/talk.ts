import { Buffer } from "node:buffer";
import type http2 from "node:http2";

/** A request as it goes over HTTP/2, frame by frame. */
export interface Talk {
  /** Without `:authority`; an array of values sends a header more than once. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Each is written by itself. */
  readonly pieces: readonly Uint8Array[];
  /** Whether a turn of the event loop, and a ping to the server and back, comes between two pieces. */
  readonly slowly: boolean;
  /** How the request ends: with the flag END_STREAM, in the head already, or by a reset with a code. */
  readonly end: "stream" | "head" | number;
}

/** What the server said. */
export interface Heard {
  /** Names and values in their order, without `date`. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  /** With what the server ended the stream; 0 as well when the client did. */
  readonly rstCode: number;
}

/** Has a talk with a server, from the head to the end of the stream. */
export async function talk(session: http2.ClientHttp2Session, request: Talk): Promise<Heard> {
  const { headers, pieces, slowly, end } = request;
  let stream: http2.ClientHttp2Stream;
  try {
    stream = session.request(headers as http2.OutgoingHttpHeaders, { endStream: end === "head" });
  } catch (error) {
    // Node's client refuses to send it.
    return { headers: [String(error)], body: "", trailers: [], rstCode: -1 };
  }
  let answered: readonly string[] = [];
  let trailers: readonly string[] = [];
  const body: Buffer[] = [];
  stream.on("response", (_headers, _flags, raw: string[]) => (answered = clean(raw)));
  stream.on("trailers", (_headers: unknown, _flags: number, raw: string[]) => {
    trailers = clean(raw);
  });
  stream.on("data", (piece: Buffer) => body.push(piece));
  stream.on("error", () => {});
  // Whoever has the whole answer need not send the rest of the request.
  let gaveUp = false;
  stream.on("end", () => {
    setImmediate(() => {
      if (stream.writableFinished || stream.destroyed) return;
      gaveUp = true;
      stream.close(8);
    });
  });
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  for (const piece of pieces) {
    if (stream.destroyed) break;
    stream.write(piece);
    if (slowly) await there(session);
  }
  if (end === "stream") stream.end();
  else if (typeof end === "number") {
    if (slowly) await there(session);
    stream.close(end);
  }
  await closed;
  return {
    headers: answered,
    body: Buffer.concat(body).toString("latin1"),
    trailers,
    rstCode: gaveUp ? 0 : (stream.rstCode ?? 0),
  };
}

/** Resolves when all that was written has reached the server. */
export function there(session: http2.ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.destroyed || session.closed) resolve();
    else if (!session.ping(() => resolve())) setImmediate(() => resolve(there(session)));
  });
}

function clean(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index] !== "date") kept.push(`${raw[index]}: ${raw[index + 1]}`);
  }
  return kept;
}
