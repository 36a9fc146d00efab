import { startApp, type App } from "../../src/app.ts";
import { writeSnapshot } from "../../src/replica/snapshot-file/write-snapshot.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { readRelease } from "../../src/server/release.ts";
import { serveParent } from "../children.ts";
import type { ReplicaRequest } from "./messages.ts";
import { startStallProbe, type Stalls, type StallProbe } from "./stall-probe.ts";

// A whole server, as `fleetgate serve` starts it, which tells how long it stalls.

let app: App | undefined;
let probe: StallProbe | undefined;

serveParent(
  (message) => {
    const request = message as ReplicaRequest;
    switch (request.kind) {
      case "open":
        return open(request.url, request.notify);
      case "revision":
        return current().revision;
      case "watch":
        probe = startStallProbe();
        return undefined;
      case "stalls":
        return stalls();
      default:
        return writeSnapshot(request.path, {
          state: current(),
          release: readRelease(),
          confirmedAt: Date.now(),
        });
    }
  },
  () => app?.stop(),
);

async function open(url: string, notify: boolean): Promise<string> {
  app = await startApp(
    readServerOptions({
      env: { DATABASE_URL: url },
      flags: {
        notify: notify ? "on" : "off",
        listen: "127.0.0.1:0",
        metrics_listen: "off",
        // The fleet is odd on purpose, and says so in warnings.
        log_level: "error",
        shutdown_grace: "1s",
      },
    }),
  );
  return app.url;
}

function current(): ReplicaState {
  const state = app?.replica.current();
  if (state === undefined) throw new Error("the server has no snapshot");
  return state;
}

function stalls(): Stalls {
  if (probe === undefined) throw new Error("nobody looked for stalls");
  const found = probe.stop();
  probe = undefined;
  return found;
}
