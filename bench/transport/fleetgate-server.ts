import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { startApp, type App } from "../../src/app.ts";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { createApiKey } from "../../src/commands/create-api-key.ts";
import { parseIdentity, type Identity } from "../../src/domain/identity.ts";
import { checkPoolPerm } from "../../src/engine/checker/check-pool-perm.ts";
import { ConfigSchema } from "../../src/gen/fleetgate/config/v1/config_pb.ts";
import { readServerOptions } from "../../src/server/options.ts";
import { generateFleet, type Fleet } from "../../test/support/fleets/generate-fleet.ts";
import { generateQuestions } from "../../test/support/fleets/generate-questions.ts";
import { serveParent } from "../children.ts";
import type { PoolQuestion, ServerReady, ServerRequest, ServerWork } from "./messages.ts";

// Fleetgate itself, whole, on an embedded database in a folder that the parent made and removes.

const [directory = "", seed = "1"] = process.argv.slice(2);
const questionCount = 20_000;
const maxQuestions = 2_000;

let app: App | undefined;

serveParent(
  (request) => ((request as ServerRequest) === "cpu" ? process.cpuUsage() : open()),
  () => app?.stop(),
);

async function open(): Promise<ServerReady> {
  app = await startApp(
    readServerOptions({
      env: {},
      flags: {
        embedded: directory,
        listen: "127.0.0.1:0",
        metrics_listen: "off",
        // The fleet is odd on purpose, and says so in warnings.
        log_level: "error",
        shutdown_grace: "1s",
      },
    }),
  );
  const fleet = generateFleet({ seed: Number(seed), size: "medium" });
  const work = await load(app, fleet);
  const port = Number(new URL(app.url).port);
  return { ports: { gRPC: port, Connect: port, "Connect JSON": port }, work };
}

async function load({ commands, replica }: App, fleet: Fleet): Promise<ServerWork> {
  const admin = identity(fleet.identities.people[0] ?? "");
  // The fleet lets its first service ask about any person.
  const asker = identity(fleet.identities.services[0] ?? "");
  await applyConfig(commands, admin, {
    source: "main",
    files: [{ path: "fleet", config: fromJson(ConfigSchema, fleet.config as JsonValue) }],
    etag: "",
    validateOnly: false,
    requestId: "",
    reason: "bench",
  });
  const { token } = await createApiKey(commands, admin, {
    identity: asker,
    description: "bench",
    ttlSeconds: 3600,
    noExpiry: false,
    requestId: "",
    reason: "bench",
  });
  const snapshot = replica.current()?.snapshot;
  if (snapshot === undefined) throw new Error("the server has no snapshot");
  const permitted: PoolQuestion[] = [];
  const denied: PoolQuestion[] = [];
  for (const question of generateQuestions(fleet, { seed: Number(seed), count: questionCount })) {
    if (question.check !== "pool" || !question.caller.startsWith("user:")) continue;
    const { caller, permission, pool } = question;
    const decision = checkPoolPerm(snapshot, identity(caller), permission, pool);
    const list = decision.permitted ? permitted : denied;
    if (list.length < maxQuestions) list.push({ caller, permission, pool });
  }
  return { token, permitted, denied };
}

function identity(text: string): Identity {
  const parsed = parseIdentity(text);
  if (parsed === undefined) throw new Error(`not an identity: ${text}`);
  return parsed;
}
