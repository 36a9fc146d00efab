import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startApp, type App } from "../../../src/app.ts";
import { bootstrapKey } from "../../../src/commands/bootstrap-key.ts";
import { readServerOptions } from "../../../src/server/options.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { atEnd, makeFolder } from "./cleanup.ts";
import { openClients, type Clients } from "./clients.ts";
import { root } from "./processes.ts";

/** The administrator of the tests. */
export const admin = "user:root@example.com";

/** A server in this process, on a database of its own. */
export interface TestServer {
  readonly app: App;
  readonly url: string;
  /** The URL of its database, with the password. */
  readonly databaseUrl: string;
  /** The token of `admin`, who is an administrator. */
  readonly token: string;
  /** Clients that prove to be `admin`. */
  readonly admin: Clients;
  /** Clients with another token, or with none. */
  readonly as: (token: string | undefined) => Clients;
}

/** Flags of `serve` by the names of the options. */
export type Flags = Readonly<Record<string, string>>;

/** Starts a server on a fresh database of the Postgres of the tests; it ends with the tests of the file. */
export async function startServer(flags: Flags = {}): Promise<TestServer> {
  const database = await createPostgresDatabase();
  atEnd(database.remove);
  return serveDatabase(database.choice.url, flags);
}

/** Starts a server on a migrated database, and makes a key of the administrator. */
export async function serveDatabase(databaseUrl: string, flags: Flags = {}): Promise<TestServer> {
  const app = await openApp(databaseUrl, flags);
  const { token } = await bootstrapKey(app.commands, {
    identity: admin,
    description: "",
    ttlSeconds: undefined,
    noExpiry: false,
    breakGlass: true,
    reason: "a key for the tests",
  });
  await app.replica.refresh();
  const as = (bearer: string | undefined): Clients => {
    const clients = openClients(app.url, bearer);
    atEnd(clients.close);
    return clients;
  };
  return { app, url: app.url, databaseUrl, token, as, admin: as(token) };
}

/** Starts a server in this process, on free ports and without a log. */
export async function openApp(databaseUrl: string, flags: Flags = {}): Promise<App> {
  const app = await startApp(
    readServerOptions({
      env: { DATABASE_URL: databaseUrl },
      flags: {
        listen: "127.0.0.1:0",
        metrics_listen: "off",
        log_level: "silent",
        shutdown_grace: "1s",
        ...flags,
      },
    }),
  );
  atEnd(() => app.stop());
  return app;
}

/** A header file, as `--header-file` and `buf curl -H @FILE` read it. */
export function writeHeaderFile(token: string): string {
  const path = join(makeFolder(), "peer.header");
  writeFileSync(path, `Authorization: Bearer ${token}\n`, { mode: 0o600 });
  return path;
}

/** The files of the example fleet. */
export function exampleFiles(): readonly { readonly path: string; readonly text: string }[] {
  const folder = join(root, "examples", "config");
  return readdirSync(folder)
    .filter((path) => !/\.test\.\w+$/.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
}
