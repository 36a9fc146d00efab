import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pickCores, startChild, type Child } from "../children.ts";
import type { BenchOptions } from "../options.ts";
import { median, rotate } from "../statistics.ts";
import {
  protocols,
  type LoadResult,
  type LoadRun,
  type Pattern,
  type Protocol,
  type ServerReady,
} from "./messages.ts";

/** What is compared: the empty handler, and Fleetgate with questions that it permits or denies. */
export const subjects = ["empty", "permitted", "denied"] as const;

/** One of them. */
export type Subject = (typeof subjects)[number];

/** One run with the processor time of the server. */
export interface MeasuredRun extends LoadResult {
  readonly serverCpuSeconds: number;
}

/** All runs of one protocol and subject, a list for each pattern. */
export interface TransportFigures {
  readonly protocol: Protocol;
  readonly subject: Subject;
  readonly saturated: readonly MeasuredRun[];
  /** The fixed rate, the same for all subjects of a protocol. */
  readonly perSecond: number;
  readonly paced: readonly MeasuredRun[];
  readonly single: readonly MeasuredRun[];
}

/** What the transport bench came to. */
export interface TransportResults {
  /** Whether servers and load had a core each. */
  readonly pinned: boolean;
  readonly figures: readonly TransportFigures[];
}

interface Plan {
  readonly warmUp: number;
  readonly saturated: { readonly rounds: number; readonly seconds: number };
  readonly paced: { readonly rounds: number; readonly seconds: number };
  readonly single: { readonly rounds: number; readonly seconds: number };
}

const fullPlan: Plan = {
  warmUp: 1.5,
  saturated: { rounds: 5, seconds: 1.2 },
  paced: { rounds: 3, seconds: 2 },
  single: { rounds: 3, seconds: 1 },
};

const quickPlan: Plan = {
  warmUp: 0.5,
  saturated: { rounds: 2, seconds: 0.4 },
  paced: { rounds: 1, seconds: 0.5 },
  single: { rounds: 1, seconds: 0.3 },
};

/** How many calls are in flight at saturation. */
export const saturation = 64;

// Of what the slowest subject of a protocol can do at most.
const pacedShare = 0.4;

const startMs = 60_000;
const limitMs = 240_000;

/** Compares Fleetgate with the empty handler, one server of each and one load, in processes of their own. */
export async function runTransport(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<TransportResults> {
  const cores = pickCores();
  const directory = await mkdtemp(join(tmpdir(), "fleetgate-bench-"));
  const start = (script: string, core: number | undefined, args: readonly string[] = []): Child =>
    startChild(new URL(script, import.meta.url), args, { core });
  const fleetgate = start("./fleetgate-server.ts", cores?.server, [
    join(directory, "db"),
    String(options.seed),
  ]);
  const empty = start("./empty-server.ts", cores?.server);
  const load = start("./load.ts", cores?.load);
  try {
    say("transport: starting the servers");
    const ready = await fleetgate.ask<ServerReady>("ready", startMs);
    const { ports } = await empty.ask<ServerReady>("ready", startMs);
    await load.ask({ prepare: ready.work }, startMs);
    const servers = {
      empty: { child: empty, ports },
      permitted: { child: fleetgate, ports: ready.ports },
      denied: { child: fleetgate, ports: ready.ports },
    };
    const figures = await measureAll(servers, load, options.quick ? quickPlan : fullPlan, say);
    return { pinned: cores !== undefined, figures };
  } finally {
    await Promise.all([load.stop(), empty.stop(), fleetgate.stop()]);
    await rm(directory, { recursive: true, force: true });
  }
}

interface Target {
  readonly child: Child;
  readonly ports: ServerReady["ports"];
}

async function measureAll(
  servers: Readonly<Record<Subject, Target>>,
  load: Child,
  plan: Plan,
  say: (text: string) => void,
): Promise<readonly TransportFigures[]> {
  const combinations = protocols.flatMap((protocol) =>
    subjects.map((subject) => ({
      protocol,
      subject,
      perSecond: 0,
      saturated: [] as MeasuredRun[],
      paced: [] as MeasuredRun[],
      single: [] as MeasuredRun[],
    })),
  );
  const endAt = performance.now() + limitMs;
  type Combination = (typeof combinations)[number];
  const measure = async (
    { protocol, subject }: Combination,
    pattern: Pattern,
    seconds: number,
  ): Promise<MeasuredRun> => {
    if (performance.now() > endAt) throw new Error(`the bench takes more than ${limitMs / 1000} s`);
    const { child, ports } = servers[subject];
    const run: LoadRun = {
      port: ports[protocol],
      protocol,
      questions: subject === "denied" ? "denied" : "permitted",
      expectDenial: subject === "denied",
      pattern,
      seconds,
    };
    return measureRun(child, load, run);
  };
  // One round after the other, each with every combination: what disturbs the machine for a while
  // disturbs all of them.
  const rounds = async (
    name: "saturated" | "paced" | "single",
    patternOf: (combination: Combination) => Pattern,
  ): Promise<void> => {
    const { rounds: count, seconds } = plan[name];
    for (let round = 0; round < count; round += 1) {
      say(`transport: ${name}, round ${round + 1} of ${count}`);
      for (const combination of rotate(combinations, round)) {
        combination[name].push(await measure(combination, patternOf(combination), seconds));
      }
    }
  };

  const closed = (inFlight: number): Pattern => ({ kind: "closed", inFlight });
  say("transport: warming up");
  for (const combination of combinations) {
    await measure(combination, closed(saturation), plan.warmUp);
  }
  await rounds("saturated", () => closed(saturation));
  for (const combination of combinations) {
    const peers = combinations.filter(({ protocol }) => protocol === combination.protocol);
    const slowest = Math.min(...peers.map(({ saturated }) => median(saturated.map(rateOf))));
    combination.perSecond = Math.max(1, Math.floor((slowest * pacedShare) / 100) * 100);
  }
  await rounds("paced", ({ perSecond }) => ({ kind: "paced", perSecond }));
  await rounds("single", () => closed(1));
  return combinations;
}

// The server rests before and after: all of its time in between belongs to these calls.
async function measureRun(server: Child, load: Child, run: LoadRun): Promise<MeasuredRun> {
  const timeoutMs = run.seconds * 1000 + 20_000;
  const before = await server.ask<NodeJS.CpuUsage>("cpu", timeoutMs);
  const result = await load.ask<LoadResult>({ run }, timeoutMs);
  const after = await server.ask<NodeJS.CpuUsage>("cpu", timeoutMs);
  const micros = after.user - before.user + after.system - before.system;
  return { ...result, serverCpuSeconds: micros / 1e6 };
}

/** Calls a second. */
export function rateOf({ calls, seconds }: LoadResult): number {
  return calls / seconds;
}
