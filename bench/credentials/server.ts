import { startApp, type App } from "../../src/app.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { serveParent } from "../children.ts";
import type { ServerRequest, ServerStart } from "./messages.ts";

// A whole server, as `fleetgate serve` starts it.

let app: App | undefined;

serveParent(
  (message) => {
    const request = message as ServerRequest;
    return request.kind === "cpu" ? process.cpuUsage() : open(request);
  },
  () => app?.stop(),
);

async function open({ url, notify, signingKeys }: ServerStart): Promise<number> {
  app = await startApp(
    readServerOptions({
      env: { DATABASE_URL: url, FLEETGATE_SIGNING_KEYS: signingKeys },
      flags: {
        notify: notify ? "on" : "off",
        listen: "127.0.0.1:0",
        metrics_listen: "off",
        log_level: "error",
        max_connection_age: "off",
        shutdown_grace: "1s",
      },
    }),
  );
  return Number(new URL(app.url).port);
}
