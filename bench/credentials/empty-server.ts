import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { CallerService } from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { serveParent } from "../children.ts";
import type { ServerRequest } from "./messages.ts";

// The server that CallerService is compared with: the stock adapter of Connect, with handlers that look at nothing, not
// even at a credential.

const server = createServer(
  connectNodeAdapter({
    routes: (router) =>
      router.service(CallerService, {
        identifyCaller: () => ({}),
        batchIdentifyCallers: () => ({}),
      }),
  }),
);

serveParent((request) =>
  (request as ServerRequest).kind === "cpu" ? process.cpuUsage() : listen(),
);

async function listen(): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
