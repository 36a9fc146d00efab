import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { findPostgres, type PostgresBinaries } from "./postgres-binaries.ts";

/** A throw-away Postgres server on a free port of the loopback address. */
export interface PostgresServer {
  /** The URL of its database `postgres`, as its superuser. */
  readonly url: string;
  /** Where its programs come from. */
  readonly origin: string;
  /** Starts it, on the same port and data. */
  readonly start: () => Promise<void>;
  /** Ends it at once: SIGQUIT (it leaves without a checkpoint) or SIGKILL (it crashes). */
  readonly stop: (signal?: "SIGQUIT" | "SIGKILL") => Promise<void>;
  /** Ends it and removes its data. */
  readonly remove: () => Promise<void>;
}

/** Options of `startPostgres`. */
export interface PostgresServerOptions {
  /** Whether it survives a crash of the machine. */
  readonly durable?: boolean;
  /** Where its programs are; given a folder for copies of them. */
  readonly find?: (scratch: string) => PostgresBinaries | undefined;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

const quickSettings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/**
 * Makes a cluster and starts it. Without `durable` it saves time by forgetting what a crash of the machine
 * (not of the server) would lose. A helper process ends it and removes its data if this process dies.
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const scratch = mkdtempSync(join(tmpdir(), "fleetgate-postgres-"));
  // Another user must be able to read copied programs; secrets are in files of that user only.
  chmodSync(scratch, 0o755);
  const binaries = (options.find ?? findPostgres)(scratch);
  if (binaries === undefined) throw new Error("no Postgres");
  const { folder, origin } = binaries;
  const user = serverUser();
  const data = mkdtempSync(join(scratch, "data-"));
  const password = randomBytes(18).toString("base64url");
  initialize({ folder, scratch, data, password, user });
  const port = await freePort();
  const url = `postgres://fleetgate:${password}@127.0.0.1:${port}/postgres`;
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "timezone=UTC",
    ...(options.durable === true ? [] : quickSettings),
  ];
  let server: ChildProcess | undefined;
  let guard: ChildProcess | undefined;

  async function start(): Promise<void> {
    const log = openSync(join(scratch, "log"), "a");
    server = spawn(join(folder, "postgres"), ["-D", data, ...settings.flatMap((s) => ["-c", s])], {
      ...user,
      cwd: data,
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    guard = startGuard(server, scratch);
    await waitUntilReady(server, url, join(scratch, "log"));
  }

  async function stop(signal: "SIGQUIT" | "SIGKILL" = "SIGQUIT"): Promise<void> {
    guard?.stdin?.end("dismissed\n");
    guard = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill(signal);
    await exit;
  }

  async function remove(): Promise<void> {
    await stop();
    rmSync(scratch, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return { url, origin, start, stop, remove };
}

/** Postgres refuses to run as root. */
function serverUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const idOf = (flag: string): number =>
        Number(
          execFileSync("id", [flag, name], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
          }),
        );
      return { uid: idOf("-u"), gid: idOf("-g") };
    } catch {
      // No such user.
    }
  }
  return { uid: 65_534, gid: 65_534 };
}

function initialize(cluster: {
  readonly folder: string;
  readonly scratch: string;
  readonly data: string;
  readonly password: string;
  readonly user: User | undefined;
}): void {
  const { folder, scratch, data, password, user } = cluster;
  const passwordFile = join(scratch, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) {
    for (const path of [data, passwordFile]) chownSync(path, user.uid, user.gid);
  }
  const flags = ["--username=fleetgate", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  execFileSync(
    join(folder, "initdb"),
    ["-D", data, ...flags, "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"],
    { ...user, cwd: data, stdio: ["ignore", "ignore", "pipe"] },
  );
  rmSync(passwordFile);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** Acts when its standard input ends, which it does however this process ends; a line dismisses it. */
function startGuard(server: ChildProcess, scratch: string): ChildProcess {
  const script = 'read -r _ && exit; kill -QUIT "$1"; sleep 1; rm -rf "$2"';
  const guard = spawn("sh", ["-c", script, "sh", String(server.pid), scratch], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  return guard;
}

async function waitUntilReady(server: ChildProcess, url: string, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (server.exitCode === null && server.signalCode === null && Date.now() < deadline) {
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await setTimeout(25);
    }
  }
  throw new Error(`Postgres did not start: ${readFileSync(log, "utf8").slice(-2_000)}`);
}
