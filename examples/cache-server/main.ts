import { mkdirSync } from "node:fs";
import { createCallerIdentifier, createFleetgate } from "fleetgate/client/node";
import { createCacheServer } from "./server.ts";

const { FLEETGATE_ENDPOINT: endpoint = "http://127.0.0.1:8080", FLEETGATE_HEADER_FILE: keyFile } =
  process.env;
if (keyFile === undefined) {
  throw new Error(
    "FLEETGATE_HEADER_FILE must name the header file of CACHE_IDENTITY (service:cache)",
  );
}
const folder = process.env["CACHE_FOLDER"] ?? ".cache-server";
const self = process.env["CACHE_IDENTITY"] ?? "service:cache";
const port = Number(process.env["CACHE_PORT"] ?? "8090");
mkdirSync(folder, { recursive: true, mode: 0o700 });
const fleetgate = createFleetgate({ endpoints: [endpoint], keyFile });
const identifier = createCallerIdentifier(fleetgate, { audience: "cache" });
const log = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const server = createCacheServer({ fleetgate, self, identifier }, { folder, log });
// Bearers and grants go over it: put TLS in front of it before it listens anywhere else.
server.listen(port, "127.0.0.1", () => {
  log(`listening on http://127.0.0.1:${port}`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    void identifier.close().then(() => fleetgate.close());
  });
}
