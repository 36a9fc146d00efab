import { once } from "node:events";
import http2 from "node:http2";
import type net from "node:net";

/** One thing that a server does on a stream. What comes after a `reset` or the end of the connection is void. */
export type Step =
  | { readonly do: "inform"; readonly headers: http2.OutgoingHttpHeaders }
  | { readonly do: "respond"; readonly headers: http2.OutgoingHttpHeaders; readonly end?: boolean }
  | { readonly do: "write"; readonly bytes: Uint8Array }
  | { readonly do: "end"; readonly trailers?: http2.OutgoingHttpHeaders }
  | { readonly do: "reset"; readonly code: number }
  | { readonly do: "goaway"; readonly code: number }
  | { readonly do: "destroy" }
  | { readonly do: "cut" };

/** What a server does with a request; it leaves the stream open when nothing ends it. */
export type Script = readonly Step[];

/** A request as it arrived. */
export interface SeenRequest {
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server of HTTP/2 that does what it is told, whether or not any protocol allows it. */
export interface ScriptedServer {
  readonly url: string;
  /** What it does with the next requests. */
  script: Script;
  /** Whether it reads requests; `false`: it answers at once and never reads. */
  reads: boolean;
  readonly seen: SeenRequest[];
  /** Is called when a request is there. */
  onRequest: (stream: http2.ServerHttp2Stream) => void;
  /** Is called when the script has been played to its end. */
  onPlayed: () => void;
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startScripted(): Promise<ScriptedServer> {
  const sessions = new Set<http2.ServerHttp2Session>();
  const sockets = new Set<net.Socket>();
  const server = http2.createServer();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => undefined);
    session.once("close", () => sessions.delete(session));
  });
  // As a server that is killed.
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const playAll = async (stream: http2.ServerHttp2Stream): Promise<void> => {
    const { script, onPlayed } = scripted;
    try {
      await play(stream, script, cut);
    } catch {
      // Node does not let every script be played.
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    }
    onPlayed();
  };
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    if (!scripted.reads) {
      void playAll(stream);
      return;
    }
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      scripted.seen.push({ headers, body: Buffer.concat(chunks) });
      scripted.onRequest(stream);
      void playAll(stream);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    script: [],
    reads: true,
    seen: [],
    onRequest: () => undefined,
    onPlayed: () => undefined,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
  return scripted;
}

async function play(
  stream: http2.ServerHttp2Stream,
  script: Script,
  cut: () => void,
): Promise<void> {
  // A stream that has ended forgets it.
  const { session } = stream;
  for (const step of script) {
    if (stream.destroyed || stream.closed || session === undefined || session.destroyed) return;
    if ((step.do === "respond" || step.do === "inform") && stream.headersSent) continue;
    await doStep(stream, step, trailersOf(script), cut);
    // Each step in a frame of its own, and at the client before the next one.
    await roundTrip(session);
  }
}

function roundTrip(session: http2.Http2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.destroyed) resolve();
    else session.ping(() => resolve());
  });
}

async function doStep(
  stream: http2.ServerHttp2Stream,
  step: Step,
  trailers: http2.OutgoingHttpHeaders | undefined,
  cut: () => void,
): Promise<void> {
  switch (step.do) {
    case "inform":
      stream.additionalHeaders(step.headers);
      break;
    case "respond":
      stream.respond(
        { date: "now", ...step.headers },
        {
          endStream: step.end === true,
          waitForTrailers: trailers !== undefined && step.end !== true,
        },
      );
      stream.on("wantTrailers", () => {
        stream.sendTrailers(trailers ?? {});
      });
      break;
    case "write":
      await new Promise((resolve) => stream.write(step.bytes, resolve));
      break;
    case "end":
      stream.end();
      break;
    case "reset":
      stream.close(step.code);
      break;
    case "goaway":
      stream.session?.goaway(step.code);
      break;
    case "destroy":
      stream.session?.destroy();
      break;
    case "cut":
      cut();
      break;
  }
}

function trailersOf(script: Script): http2.OutgoingHttpHeaders | undefined {
  for (const step of script) if (step.do === "end") return step.trailers;
  return undefined;
}
