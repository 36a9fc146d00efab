import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A proxy in front of a server. */
export interface PathProxy {
  readonly url: string;
  /** The paths that were asked for, as they came in. */
  readonly paths: readonly string[];
}

/**
 * Starts a proxy for the time of a test. It takes `prefix` away from the path of each request and hands the
 * request on by HTTP/2; a path without the prefix is answered with 404.
 */
export async function startPathProxy(
  t: TestContext,
  prefix: string,
  target: string,
): Promise<PathProxy> {
  const paths: string[] = [];
  const upstream = http2.connect(target);
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream, headers) => {
    const path = headers[":path"] ?? "";
    paths.push(path);
    if (!path.startsWith(`${prefix}/`)) {
      stream.respond({ ":status": 404 }, { endStream: true });
      return;
    }
    const onward = upstream.request({ ...headers, ":path": path.slice(prefix.length) });
    onward.on("response", ({ ":status": status, ...rest }) => {
      stream.respond({ ":status": status ?? 502, ...rest });
      onward.pipe(stream);
    });
    stream.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const session of sessions) session.destroy();
    upstream.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}
