import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createWriteStream } from "node:fs";
import { createFleetgate, type Fleetgate } from "../../src/client/node/index.ts";
import { startFaultProxy, type FaultProxy } from "../support/fault-proxy.ts";
import { cliFile } from "../support/cli-file.ts";

const root = join(import.meta.dirname, "..", "..");

/** One replica in a process of its own, which comes to Postgres by way of a proxy. */
export interface ReplicaProcess {
  readonly url: string;
  readonly proxy: FaultProxy;
  /** Clients that ask this replica alone and repeat nothing. */
  readonly clients: Fleetgate;
  /** Starts the process and waits until it is ready. */
  readonly start: () => Promise<void>;
  /** Ends the process as an operator does: it keeps its snapshot. */
  readonly stop: () => Promise<void>;
  /** Kills the process as a crash would. */
  readonly kill: () => Promise<void>;
  readonly isUp: () => boolean;
  /** Ends it and everything of it. */
  readonly close: () => Promise<void>;
}

/** What a replica process is made of. */
export interface ReplicaOptions {
  readonly databaseUrl: string;
  readonly token: string;
  /** Where its log and its snapshot go. */
  readonly folder: string;
  readonly name: string;
  readonly notify: boolean;
}

/** Prepares a replica process; it is not started yet. */
export async function createReplicaProcess(options: ReplicaOptions): Promise<ReplicaProcess> {
  const { databaseUrl, token, folder, name, notify } = options;
  const database = new URL(databaseUrl);
  const proxy = await startFaultProxy({ host: database.hostname, port: Number(database.port) });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const clients = createFleetgate({
    endpoints: [url],
    key: () => token,
    deadlineMs: 10_000,
    retry: { rounds: 1 },
    carryRevision: false,
  });
  const log = createWriteStream(join(folder, `${name}.log`));
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const listen = ["--listen", `127.0.0.1:${port}`, "--metrics-listen", "off"];
    child = spawn(process.execPath, [cliFile, "serve", ...listen], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
        DATABASE_URL: proxy.through(databaseUrl),
        FLEETGATE_NOTIFY: notify ? "on" : "off",
        FLEETGATE_SNAPSHOT_FILE: join(folder, `${name}.snapshot`),
        FLEETGATE_LOG_LEVEL: "warn",
      },
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    const end = Date.now() + 60_000;
    while (!(await isReady(url))) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
      if (Date.now() > end) throw new Error(`${name} did not become ready`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  const kill = (): Promise<void> => end("SIGKILL");

  return {
    url,
    proxy,
    clients,
    start,
    stop: () => end("SIGTERM"),
    kill,
    isUp: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    close: async () => {
      await clients.close();
      await kill();
      await proxy.close();
      log.end();
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
