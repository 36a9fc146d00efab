import { once } from "node:events";
import { createServer as createHttp1Server } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { serveParent } from "../children.ts";
import type { ServerReady, ServerRequest } from "./messages.ts";

// The server that Fleetgate is compared with: the stock adapter of Connect on the stock servers of Node,
// with a handler that does nothing, not even look at a credential.

const handler = connectNodeAdapter({
  routes: (router) => router.service(AclService, { checkPoolPerm: () => ({}) }),
});
const http1 = createHttp1Server(handler);
const http2 = createHttp2Server(handler);

serveParent((request) => ((request as ServerRequest) === "cpu" ? process.cpuUsage() : open()));

async function open(): Promise<ServerReady> {
  const [port1, port2] = [await listen(http1), await listen(http2)];
  return { ports: { gRPC: port2, Connect: port2, "Connect JSON": port1 }, work: undefined };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
