import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Identity } from "../../src/domain/identity.ts";
import { startPostgres, type PostgresServer } from "../../test/support/postgres-server.ts";
import { startChild, type Child, type ChildOptions } from "../children.ts";
import { asker, type FilledDatabase } from "./databases.ts";
import type { RequestSet, ServerReady, WorldWork } from "./messages.ts";
import type { PeersPlan, Scale } from "./plan.ts";
import { prepare } from "./prepare.ts";
import type { ServerSpec } from "./rows.ts";
import type { CerbosStart } from "./servers/cerbos-server.ts";
import type { FleetgateStart } from "./servers/fleetgate-server.ts";

/** A server that runs, and what it said when it was ready. */
export interface RunningServer extends ServerReady {
  readonly child: Child;
}

/** Everything that was started for the comparison. */
export interface Stage {
  readonly servers: ReadonlyMap<string, RunningServer>;
  readonly load: Child;
  readonly works: ReadonlyMap<Scale, WorldWork>;
  readonly databases: ReadonlyMap<Scale, FilledDatabase>;
  /** The worlds that checks in the process are measured on, while they are needed. */
  readonly engines: ReadonlyMap<Scale, Child>;
  /** Starts a process on the core of the load, that ends with the stage. */
  readonly startOnLoadCore: (script: string) => Child;
  readonly startOnServerCore: (script: string) => Child;
  /** Ends the servers and the load; databases stay. */
  readonly endServers: () => Promise<void>;
}

/** What is to be started. */
export interface StageNeeds {
  readonly plan: PeersPlan;
  readonly seed: number;
  readonly cores: { readonly server: number; readonly load: number } | undefined;
  readonly specs: ReadonlyMap<string, ServerSpec>;
  /** Sizes that need a database beside those of the servers. */
  readonly databases: readonly Scale[];
  readonly engines: readonly Scale[];
}

const startMs = 240_000;

/** Starts all of it, hands it over, and ends all of it, whatever happens. */
export async function onStage<T>(
  needs: StageNeeds,
  say: (text: string) => void,
  act: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "fleetgate-peers-"));
  const children: Child[] = [];
  const start = (script: string, options: ChildOptions = {}): Child => {
    const child = startChild(new URL(script, import.meta.url), [], options);
    children.push(child);
    return child;
  };
  const endChildren = async (): Promise<void> => {
    const ended = await Promise.allSettled(children.splice(0).map((child) => child.stop()));
    const failed = ended.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  let postgres: PostgresServer | undefined;
  try {
    const { plan, seed, specs, cores } = needs;
    const scales = (kinds: readonly ServerSpec["kind"][]): ReadonlySet<Scale> =>
      new Set(
        [...specs.values()].filter(({ kind }) => kinds.includes(kind)).map(({ scale }) => scale),
      );
    const withDatabase = new Set([...scales(["fleetgate"]), ...needs.databases]);
    if (withDatabase.size > 0) {
      say("starting Postgres");
      postgres = await startPostgres();
    }
    const prepared = await prepare({
      ...{ plan, seed, say, start, withDatabase, serverUrl: postgres?.url ?? "" },
      asked: scales(["bare", "grpc-js", "fleetgate", "cerbos"]),
      engines: new Set(needs.engines),
      policyFolder: (scale) => policyFolder(folder, scale),
    });
    const { works, databases, engines } = prepared;

    const load = start("./load/load-worker.ts", { core: cores?.load });
    const servers = new Map<string, RunningServer>();
    for (const [key, spec] of specs) {
      say(`starting ${key}`);
      const logFile = join(folder, `${key}.log`);
      const options = {
        ...{ core: cores?.server, logFile, node: spec.node },
        ...(spec.nodeFlags && { nodeFlags: spec.nodeFlags }),
      };
      const child = start(scripts[spec.kind], options);
      const request = startRequest(spec, {
        own: works.get(spec.scale)?.own ?? "",
        url: databases.get(spec.scale)?.url ?? "",
        policies: policyFolder(folder, spec.scale),
      });
      servers.set(key, { child, ...(await askReady(child, request, key, logFile)) });
    }
    for (const [scale, { sets }] of works) {
      const prepare: Record<string, RequestSet> = {};
      for (const [name, set] of Object.entries(sets)) prepare[`${scale}/${name}`] = set;
      await load.ask({ prepare }, startMs);
    }
    return await act({
      ...{ servers, load, works, databases, engines },
      startOnLoadCore: (script) => start(script, { core: cores?.load }),
      startOnServerCore: (script) => start(script, { core: cores?.server }),
      endServers: endChildren,
    });
  } finally {
    try {
      await endChildren();
    } finally {
      await postgres?.remove();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

const scripts: Readonly<Record<ServerSpec["kind"], string>> = {
  bare: "./servers/bare-servers.ts",
  "grpc-js": "./servers/grpc-js-server.ts",
  fleetgate: "./servers/fleetgate-server.ts",
  cerbos: "./servers/cerbos-server.ts",
};

function policyFolder(folder: string, scale: Scale): string {
  return join(folder, `policies-${scale}`);
}

function startRequest(
  spec: ServerSpec,
  of: { readonly url: string; readonly policies: string; readonly own: string },
): FleetgateStart | CerbosStart | Record<string, never> {
  if (spec.kind === "cerbos") return { policies: of.policies };
  if (spec.kind !== "fleetgate") return {};
  const { logCalls = false, fastPath = true } = spec;
  return {
    url: of.url,
    logCalls,
    fastPath,
    keys: { asker: asker as Identity, own: of.own as Identity },
  };
}

async function askReady(
  child: Child,
  request: object,
  key: string,
  logFile: string,
): Promise<ServerReady> {
  try {
    return await child.ask<ServerReady>(request, startMs);
  } catch (error) {
    const log = await readFile(logFile, "utf8").catch(() => "");
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${key} did not start: ${text}\n${log.slice(-2_000)}`, { cause: error });
  }
}
