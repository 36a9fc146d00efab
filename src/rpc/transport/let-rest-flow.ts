import type { ServerHttp2Stream } from "node:http2";
import type { Readable } from "node:stream";

/**
 * Throws away what is left of a request once its answer is sent. A stream of HTTP/2 of which something is unread is never over
 * for Node, whatever either side does: it would take one of the streams that its connection may have open, for good.
 */
export function letRestFlow(stream: ServerHttp2Stream, request: Readable): void {
  stream.once("finish", () => {
    // Whoever reads the request may still have to hear that nobody wants the rest.
    setImmediate(() => {
      if (!request.destroyed) {
        request.resume();
        return;
      }
      // Nobody reads it any more; what hands the data on to it would stop the stream.
      stream.removeAllListeners("data");
      stream.resume();
    });
  });
}
