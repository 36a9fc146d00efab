import { startApp, type App } from "../../../src/app.ts";
import { createApiKey } from "../../../src/commands/create-api-key.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { optionsTable } from "../../../src/server/options-table.ts";
import { readServerOptions } from "../../../src/server/options.ts";
import { serveParent } from "../../children.ts";
import { administrator } from "../../live/world.ts";
import type { ServerReady } from "../messages.ts";

// A whole server, as `fleetgate serve` starts it.

/** What a server is started with. */
export interface FleetgateStart {
  readonly url: string;
  readonly logCalls: boolean;
  readonly fastPath: boolean;
  /** Whom keys are made for, by the name of the token. */
  readonly keys: Readonly<Record<string, Identity>>;
}

let app: App | undefined;

serveParent(
  (request) => open(request as FleetgateStart),
  () => app?.stop(),
);

async function open({ url, logCalls, fastPath, keys }: FleetgateStart): Promise<ServerReady> {
  const flags: Record<string, string> = {
    listen: "127.0.0.1:0",
    metrics_listen: "127.0.0.1:0",
    log_calls: String(logCalls),
    // Servers that wait for their turn are to be still.
    poll_interval: "1m",
    max_connection_age: "off",
    shutdown_grace: "1s",
    ...(Object.hasOwn(optionsTable, "fast_path") && { fast_path: String(fastPath) }),
  };
  app = await startApp(readServerOptions({ env: { DATABASE_URL: url }, flags }));
  const tokens: Record<string, string> = {};
  for (const [name, identity] of Object.entries(keys)) {
    const { token } = await createApiKey(app.commands, administrator as Identity, {
      ...{ identity, description: "bench", ttlSeconds: 7200 },
      ...{ noExpiry: false, requestId: "", reason: "bench" },
    });
    tokens[name] = token;
  }
  return { ports: { main: Number(new URL(app.url).port) }, pid: process.pid, tokens };
}
