import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  createFrameReader,
  flags,
  frameTypes,
  makeFrame,
  makeSettings,
  makeWindowUpdate,
} from "./frames.ts";
import { createHeaderDecoder, encodeRequestHeaders, type Status } from "./hpack.ts";

/** What came back. */
export interface Answer extends Status {
  /** The body, in one piece; empty when nobody wants it. */
  body: Buffer;
  /** What went wrong; empty: nothing. */
  failure: string;
}

/** A connection that sends calls with the same headers. */
export interface LeanSession {
  readonly call: (body: Uint8Array, done: (answer: Answer) => void) => void;
  readonly close: () => Promise<void>;
}

/** How a connection calls. */
export interface LeanSessionOptions {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether bodies are kept. */
  readonly keepBodies: boolean;
}

interface OpenCall extends Answer {
  readonly id: number;
  readonly done: (answer: Answer) => void;
  /** What is left to send, and how much of it the server allows. */
  left: Uint8Array;
  window: number;
}

const frameBytes = 16_384;
const streamWindow = 2 ** 24;
const connectionWindow = 2 ** 30;
const usualWindow = 65_535;
const none = Buffer.alloc(0);

/**
 * Opens a connection to 127.0.0.1 that speaks as much HTTP/2 as a load needs, at a few microseconds a call, where the
 * client of Node takes 30: the load must not be what is measured. Window sizes and the table of headers are kept
 * to the letter; what a server of the bench never sends (padding, pushes, continuations) fails the call.
 */
export async function openLeanSession(options: LeanSessionOptions): Promise<LeanSession> {
  const { port, path, headers, keepBodies } = options;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const calls = new Map<number, OpenCall>();
  const blocks = encodeRequestHeaders(path, `127.0.0.1:${port}`, headers);
  const decode = createHeaderDecoder();
  const send = createSender(socket);
  let nextId = 1;
  let initialWindow = usualWindow;
  let window = usualWindow;
  let received = 0;
  let blocked: OpenCall[] = [];

  function sendBody(call: OpenCall): void {
    for (;;) {
      const bytes = Math.min(call.left.length, frameBytes, window, call.window);
      if (bytes === 0 && call.left.length > 0) {
        blocked.push(call);
        return;
      }
      const isLast = bytes === call.left.length;
      send(
        makeFrame(
          frameTypes.data,
          isLast ? flags.endStream : 0,
          call.id,
          call.left.subarray(0, bytes),
        ),
      );
      window -= bytes;
      call.window -= bytes;
      call.left = call.left.subarray(bytes);
      if (isLast) return;
    }
  }

  function unblock(): void {
    const waiting = blocked;
    blocked = [];
    for (const call of waiting) if (calls.has(call.id)) sendBody(call);
  }

  function end(call: OpenCall, failure = ""): void {
    calls.delete(call.id);
    call.failure = failure;
    call.done(call);
  }

  function failAll(failure: string): void {
    for (const call of [...calls.values()]) end(call, failure);
  }

  function onData(call: OpenCall | undefined, payload: Buffer): void {
    received += payload.length;
    if (received > connectionWindow / 2) {
      send(makeWindowUpdate(0, received));
      received = 0;
    }
    if (call === undefined || !keepBodies) return;
    call.body = call.body.length === 0 ? Buffer.from(payload) : Buffer.concat([call.body, payload]);
  }

  function onSettings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== 4) continue;
      const size = payload.readUInt32BE(at + 2);
      for (const call of calls.values()) call.window += size - initialWindow;
      initialWindow = size;
    }
    send(makeFrame(frameTypes.settings, flags.ack, 0));
    unblock();
  }

  function onWindowUpdate(stream: number, bytes: number): void {
    if (stream === 0) window += bytes;
    else {
      const call = calls.get(stream);
      if (call !== undefined) call.window += bytes;
    }
    unblock();
  }

  const read = createFrameReader((type, flag, stream, payload) => {
    const call = calls.get(stream);
    if (type === frameTypes.headers || type === frameTypes.data) {
      if ((flag & (flags.padded | flags.priority)) !== 0) failAll("padding or priority");
      if (type === frameTypes.data) onData(call, payload);
      else if ((flag & flags.endHeaders) === 0) failAll("headers in several frames");
      else decode(payload, call ?? { http: "", grpc: "" });
      if (call !== undefined && (flag & flags.endStream) !== 0) end(call);
    } else if (type === frameTypes.windowUpdate) {
      onWindowUpdate(stream, payload.readUInt32BE(0));
    } else if (type === frameTypes.settings) {
      if ((flag & flags.ack) === 0) onSettings(payload);
    } else if (type === frameTypes.ping) {
      if ((flag & flags.ack) === 0) send(makeFrame(frameTypes.ping, flags.ack, 0, payload));
    } else if (type === frameTypes.reset) {
      if (call !== undefined) end(call, `reset, error ${payload.readUInt32BE(0)}`);
    } else if (type === frameTypes.goAway) {
      failAll("the server asked to go away");
    }
  });

  socket.on("data", read);
  socket.on("error", (error) => failAll(error.message));
  socket.on("close", () => failAll("the connection closed"));
  send(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  // No pushes, and room for large answers.
  const [noPush, windows] = [[2, 0] as const, [4, streamWindow] as const];
  send(makeSettings([noPush, windows]));
  send(makeWindowUpdate(0, connectionWindow - usualWindow));

  return {
    call: (body, done) => {
      const id = nextId;
      nextId += 2;
      const call: OpenCall = {
        ...{ id, done, left: body, window: initialWindow },
        ...{ http: "", grpc: "", body: none, failure: "" },
      };
      calls.set(id, call);
      const block = id === 1 ? blocks.first : blocks.next;
      send(makeFrame(frameTypes.headers, flags.endHeaders, id, block));
      sendBody(call);
    },
    close: async () => {
      if (socket.destroyed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    },
  };
}

/** All that is sent in one turn of the loop goes out by one write. */
function createSender(socket: Socket): (frame: Buffer) => void {
  let waiting: Buffer[] = [];
  const flush = (): void => {
    const [only, ...more] = waiting;
    if (only !== undefined) socket.write(more.length === 0 ? only : Buffer.concat(waiting));
    waiting = [];
  };
  return (frame) => {
    if (waiting.push(frame) === 1) queueMicrotask(flush);
  };
}
