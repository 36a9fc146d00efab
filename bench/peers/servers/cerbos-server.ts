import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { serveParent } from "../../children.ts";
import { cerbosProgram } from "../install.ts";
import type { ServerReady } from "../messages.ts";

// Keeps one Cerbos, on the core that this process runs on, and ends it however the bench ends.

/** What Cerbos is started with. */
export interface CerbosStart {
  /** The folder of its policies. */
  readonly policies: string;
}

const startMs = 120_000;

let cerbos: ChildProcess | undefined;
let scratch: string | undefined;

serveParent(
  (request) => open(request as CerbosStart),
  async () => {
    cerbos?.kill("SIGTERM");
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  },
);

process.on("exit", () => cerbos?.kill("SIGKILL"));

async function open({ policies }: CerbosStart): Promise<ServerReady> {
  scratch = await mkdtemp(join(tmpdir(), "fleetgate-cerbos-"));
  const [http, grpc] = [await freePort(), await freePort()];
  const config = join(scratch, "cerbos.json");
  await writeFile(config, JSON.stringify(configuration(policies, http, grpc)));
  const started = spawn(cerbosProgram(), ["server", `--config=${config}`, "--log-level=error"], {
    env: { ...process.env, CERBOS_NO_TELEMETRY: "1", DO_NOT_TRACK: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  cerbos = started;
  await once(started, "spawn");
  const until = performance.now() + startMs;
  while (!(await answers(grpc))) {
    if (started.exitCode !== null) throw new Error("Cerbos ended at once: see its log");
    if (performance.now() > until) throw new Error("Cerbos did not start in time");
    await setTimeout(50);
  }
  return { ports: { main: grpc }, pid: started.pid ?? 0, tokens: {} };
}

/** As little as it needs: no audit, no telemetry, no tracing, no reloading. */
function configuration(policies: string, http: number, grpc: number): object {
  return {
    server: {
      httpListenAddr: `127.0.0.1:${http}`,
      grpcListenAddr: `127.0.0.1:${grpc}`,
      metricsEnabled: false,
    },
    audit: { enabled: false },
    telemetry: { disabled: true },
    schema: { enforcement: "none" },
    storage: { driver: "disk", disk: { directory: policies, watchForChanges: false } },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
