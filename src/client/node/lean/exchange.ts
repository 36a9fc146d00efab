import { constants, type ClientHttp2Stream, type OutgoingHttpHeaders } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";
import type { EndpointSession } from "../endpoint-session.ts";
import { fromNodeError, fromResetCode } from "./node-error.ts";
import type { AnswerHeaders } from "./web-headers.ts";

/** What a server is asked, and how long it may take. */
export interface Exchange<H> {
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
  /** Undefined: no deadline. */
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** What the body of the answer may have. */
  readonly readMaxBytes: number;
  /** Judges the headers of the answer before the body is read; what it throws ends the exchange. */
  readonly readHead: (headers: AnswerHeaders) => H;
}

/** A whole answer. */
export interface Answer<H> {
  readonly head: H;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Sends a request on a stream of its own and reads the whole answer. Fails with a ConnectError when the
 * stream is reset or ends without an answer, at the deadline, when the signal is aborted, and for a body beyond
 * the limit; the stream is then reset.
 */
export function exchange<H>(session: EndpointSession, options: Exchange<H>): Promise<Answer<H>> {
  const { body, timeoutMs, signal, readMaxBytes, readHead } = options;
  return new Promise((resolve, reject) => {
    let stream: ClientHttp2Stream | undefined;
    let head: { readonly value: H; readonly length: number } | undefined;
    const chunks: Uint8Array[] = [];
    let size = 0;
    let isSettled = false;

    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    const fail = (error: ConnectError): void => {
      if (isSettled) return;
      settle();
      reject(error);
      if (stream === undefined || stream.closed) return;
      // What connect resets a stream with.
      stream.close(error.code === Code.Canceled ? resetCanceled : resetFailed);
    };
    const abort = (): void => {
      fail(ConnectError.from(signal?.reason, Code.Canceled));
    };
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            fail(new ConnectError("the operation timed out", Code.DeadlineExceeded));
          }, timeoutMs);
    signal?.addEventListener("abort", abort);

    const listen = (opened: ClientHttp2Stream): void => {
      stream = opened;
      opened.on("response", (headers) => {
        try {
          head = { value: readHead(headers), length: lengthOf(headers) };
          if (head.length > readMaxBytes) throw tooLarge(readMaxBytes, ` ${head.length}`);
        } catch (error) {
          fail(ConnectError.from(error, Code.Internal));
        }
      });
      opened.on("data", (chunk: Uint8Array) => {
        size += chunk.byteLength;
        if (size > readMaxBytes) fail(tooLarge(readMaxBytes));
        else chunks.push(chunk);
      });
      opened.on("end", () => {
        // Node also says so when the connection has ended in the middle; `close` tells why.
        if (isSettled || head === undefined || opened.destroyed || opened.rstCode !== 0) return;
        if (head.length >= 0 && head.length !== size) {
          fail(wrongLength(head.length, size));
          return;
        }
        settle();
        resolve({ head: head.value, body: join(chunks, size) });
      });
      // This listener stays: an error that comes late would end the process.
      opened.on("error", (error) => {
        fail(fromNodeError(error));
      });
      opened.on("close", () => {
        if (!isSettled) fail(fromResetCode(opened.rstCode) ?? closedEarly());
      });
      opened.end(body);
    };

    if (signal?.aborted === true) {
      abort();
      return;
    }
    const isWanted = (): boolean => !isSettled;
    try {
      const opening = session.send(options.headers, isWanted);
      if (!(opening instanceof Promise)) listen(opening);
      else {
        opening.then(
          (opened) => {
            if (opened !== undefined) listen(opened);
          },
          (error: unknown) => {
            fail(fromNodeError(error));
          },
        );
      }
    } catch (error) {
      fail(fromNodeError(error));
    }
  });
}

const resetCanceled = constants.NGHTTP2_CANCEL;
const resetFailed = constants.NGHTTP2_INTERNAL_ERROR;

/** The bytes in a buffer of their own: those of the connection are parts of a much larger one. */
function join(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

/** What the server says that the body has; -1 when it does not say. */
function lengthOf(headers: AnswerHeaders): number {
  const text = headers["content-length"];
  return text === undefined ? -1 : Number(text);
}

function tooLarge(readMaxBytes: number, size = ""): ConnectError {
  const message = `message size${size} is larger than configured readMaxBytes ${readMaxBytes}`;
  return new ConnectError(message, Code.ResourceExhausted);
}

function wrongLength(promised: number, received: number): ConnectError {
  const message = `protocol error: promised ${promised} bytes, received ${received}`;
  return new ConnectError(message, Code.InvalidArgument);
}

function closedEarly(): ConnectError {
  return new ConnectError("the stream ended without an answer", Code.Canceled);
}
