import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { atEnd, makeFolder } from "./cleanup.ts";
import { openClients, type Clients } from "./clients.ts";
import { fleetgate, start, type Running } from "./processes.ts";
import { cliFile } from "../../support/cli-file.ts";

/** The administrator that `prepareDatabase` makes, and the one binding of `fleetOf`. */
const admin = "user:root@example.com";

/** A process that serves, and clients of an administrator. */
export interface Serving {
  readonly running: Running;
  readonly url: string;
  readonly clients: Clients;
  readonly metricsUrl: string;
  /** A metric as it is now, by its name and labels; undefined: it is absent. */
  readonly metric: (name: string) => Promise<number | undefined>;
  /** Ends it as an operator does. */
  readonly stop: () => Promise<void>;
}

/** Brings an empty database to this release and makes an administrator, by the command line; gives the token. */
export async function prepareDatabase(url: string): Promise<string> {
  const env = { DATABASE_URL: url };
  const migrated = await fleetgate(["migrate"], env);
  assert.equal(migrated.code, 0, migrated.stderr);
  const header = join(makeFolder(), "admin.header");
  const made = await fleetgate(
    ["key", "create", "--bootstrap", "--identity", admin, "--out", header],
    env,
  );
  assert.equal(made.code, 0, made.stderr);
  return /Bearer (\S+)/.exec(readFileSync(header, "utf8"))?.[1] ?? "";
}

/** Starts a server process on free ports. */
export async function serveProcess(
  databaseUrl: string,
  token: string,
  ...flags: readonly string[]
): Promise<Serving> {
  const ports = ["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"];
  const args = [cliFile, "serve", ...ports, "--poll-interval", "100ms", ...flags];
  const running = start(process.execPath, args, { DATABASE_URL: databaseUrl });
  const said = await running.says(/listens on (http\S+)\nmetrics are on (http\S+)\n/);
  const [, url = "", metricsUrl = ""] = said;
  const clients = openClients(url, token);
  atEnd(clients.close);
  return {
    running,
    url,
    metricsUrl,
    clients,
    metric: async (name) => {
      const text = await (await fetch(metricsUrl)).text();
      const line = text.split("\n").find((one) => one.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    },
    stop: async () => {
      clients.close();
      running.signal("SIGTERM");
      const { code, stderr } = await running.end();
      assert.equal(code, 0, stderr);
    },
  };
}

/** A configuration with these pools, of which the administrator may use each. */
export function fleetOf(...pools: readonly string[]): string {
  return `
projects:
  - name: app
    realms:
      - name: tests
        bindings: [{ role: role/swarming.poolUser, principals: ["${admin}"] }]
pools: [${pools.map((name) => `{ name: "${name}", realm: "app:tests" }`).join(", ")}]
`;
}

/** A check that is permitted once the pool is there. */
export const questionOf = (pool: string) => ({ permission: "swarming.pools.createTask", pool });
