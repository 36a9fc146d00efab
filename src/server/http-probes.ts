import type { ServerResponse } from "node:http";
import type { RequestHandler } from "./request-handler.ts";

/**
 * Answers GET and HEAD of `/healthz` (200 while the process lives) and `/readyz` (200 while `isReady`
 * says so, else 503), and hands every other request on.
 */
export function createHttpProbes(isReady: () => boolean, next: RequestHandler): RequestHandler {
  return (request, response) => {
    if (request.method === "GET" || request.method === "HEAD") {
      const path = request.url?.split("?", 1)[0];
      if (path === "/healthz") {
        answer(request.method, response, 200, "ok\n");
        return;
      }
      if (path === "/readyz") {
        const ready = isReady();
        answer(request.method, response, ready ? 200 : 503, ready ? "ready\n" : "not ready\n");
        return;
      }
    }
    next(request, response);
  };
}

function answer(
  method: string,
  response: Parameters<RequestHandler>[1],
  status: number,
  text: string,
): void {
  // The two response classes share these members, but their overloads do not unite.
  const plain = response as ServerResponse;
  plain.statusCode = status;
  plain.setHeader("content-type", "text/plain; charset=utf-8");
  plain.setHeader("content-length", Buffer.byteLength(text));
  plain.setHeader("cache-control", "no-store");
  plain.end(method === "HEAD" ? undefined : text);
}
