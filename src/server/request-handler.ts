import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** Answers requests of HTTP/1.1 and HTTP/2 alike. */
export type RequestHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/**
 * The same handler, but an error that it throws ends the one request with an empty 500 and goes to
 * `onError`, where it otherwise would end the process.
 */
export function guardHandler(
  handler: RequestHandler,
  onError: (cause: unknown) => void,
): RequestHandler {
  return (request, response) => {
    try {
      handler(request, response);
    } catch (cause) {
      onError(cause);
      if (response.headersSent) {
        response.destroy();
      } else {
        response.statusCode = 500;
        response.end();
      }
    }
  };
}
