import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { optionsTable } from "../../src/server/options-table.ts";
import { pickCores } from "../children.ts";
import { clientKinds } from "./clients/client-worker.ts";
import { hasCerbos, listPeers } from "./install.ts";
import { hasH2load } from "./load/h2load.ts";
import { measureLoading, type LoadingFigures } from "./loading/measure-loading.ts";
import { openClients, openEngines, openLibraries } from "./measure-processes.ts";
import { createRowBench } from "./measure-rows.ts";
import type { WorldNotes } from "./messages.ts";
import type { PeersOptions } from "./options.ts";
import {
  fitPlan,
  fullPlan,
  limitSeconds,
  modeNames,
  planSeconds,
  quickPlan,
  scales,
  type PeersPlan,
  type RunCounts,
  type Scale,
} from "./plan.ts";
import { openCpuReader } from "./processor-time.ts";
import type { Progress } from "./progress.ts";
import type { PeersResults } from "./results.ts";
import { countRuns, serverSpecs, type Selection, type ServerSpec } from "./rows.ts";
import { onStage, type Stage } from "./stage.ts";

/** Compares everything that was chosen. Fails when an answer is another one than expected. */
export async function runPeers(
  options: PeersOptions,
  progress: Progress,
  wanted: PeersPlan = options.quick ? quickPlan : fullPlan,
): Promise<PeersResults> {
  const startedAt = performance.now();
  const { selection, leftOut } = withoutMissing(options.selection);
  const counts = countRuns(selection, {
    ...{ clients: clientKinds.length, engines: scales.length },
    libraries: wanted.smallWorlds.length,
  });
  const plan = fitPlan(wanted, counts);
  progress.expect(planSeconds(plan, counts));
  const cores = pickCores();
  const needs = {
    ...{ plan, cores, seed: options.seed, specs: neededServers(selection, options) },
    databases: selection.sections.has("loading") ? (["1M"] as const) : [],
    engines: selection.sections.has("engine") ? scales : [],
  };
  return onStage(needs, progress.say, async (stage) => {
    const measured = await measureRounds(stage, selection, { plan, counts, options, progress });
    await stage.endServers();
    let loading: LoadingFigures | undefined;
    const database = stage.databases.get("1M");
    if (counts.loading && database !== undefined) {
      progress.say("loading and changing the largest fleet");
      loading = await measureLoading(plan.loading, database, {
        seed: options.seed,
        ...plan.worlds["1M"],
      });
    }
    return {
      ...{ plan, quick: options.quick, pinned: cores !== undefined, leftOut, loading },
      ...{ seconds: (performance.now() - startedAt) / 1000, worlds: notesOf(stage) },
      versions: { node: process.version, ...listPeers() },
      ...measured,
    };
  });
}

type Measured = Pick<
  PeersResults,
  "rounds" | "perSecond" | "rows" | "clients" | "engine" | "libraries"
>;

/** Round by round everything is asked once: what disturbs the machine for a while disturbs all of it. */
async function measureRounds(
  stage: Stage,
  { rows, sections }: Selection,
  of: {
    readonly plan: PeersPlan;
    readonly counts: RunCounts;
    readonly options: PeersOptions;
    readonly progress: Progress;
  },
): Promise<Measured> {
  const { plan, options, progress } = of;
  progress.say("warming up");
  const bench = createRowBench(rows, stage, openCpuReader());
  await bench.warmUp(plan.warmUp);
  const clients = sections.has("clients") ? await openClients(stage, plan) : undefined;
  const engines = sections.has("engine") ? openEngines(stage, plan) : undefined;
  const world = { seed: options.seed, ...plan.worlds["100k"] };
  const libraries = sections.has("libraries") ? await openLibraries(stage, plan, world) : undefined;
  let rounds = 0;
  let longest = 0;
  const after = of.counts.loading ? plan.loading.loads * 10 + 30 : 0;
  while (rounds < plan.rounds && progress.elapsed() + longest + after < limitSeconds) {
    const begin = progress.elapsed();
    for (const mode of modeNames) {
      if (plan.seconds[mode] === 0) continue;
      progress.say(`round ${rounds + 1} of ${plan.rounds}: ${mode}`);
      await bench.round(mode, rounds, { wakeUp: plan.wakeUp, measured: plan.seconds[mode] });
    }
    progress.say(`round ${rounds + 1} of ${plan.rounds}: in the process`);
    for (const one of [clients, engines, libraries]) await one?.round(rounds);
    rounds += 1;
    longest = Math.max(longest, progress.elapsed() - begin);
    progress.expect(progress.elapsed() + (plan.rounds - rounds) * longest + after);
  }
  if (rounds < plan.rounds) progress.say(`the time is over after ${rounds} rounds`);
  return {
    ...{ rounds, perSecond: bench.perSecond(), rows: bench.figures },
    clients: clients?.figures ?? {},
    engine: engines?.figures ?? {},
    libraries: libraries?.figures ?? [],
  };
}

/** Leaves out what this machine does not have, and says so. */
function withoutMissing({ rows, sections }: Selection): {
  readonly selection: Selection;
  readonly leftOut: readonly string[];
} {
  const leftOut: string[] = [];
  let kept = rows;
  if (!hasCerbos() && rows.some(({ answer }) => answer === "cerbos")) {
    leftOut.push(`Cerbos: no program of it for ${process.platform} ${process.arch}`);
    kept = kept.filter(({ answer }) => answer !== "cerbos");
  }
  if (!AclService.methods.some(({ name }) => name === "BatchCheckPacked")) {
    leftOut.push("packed: this release has no BatchCheckPacked");
    kept = kept.filter(({ answer }) => answer !== "packed");
  }
  if (!Object.hasOwn(optionsTable, "fast_path")) {
    leftOut.push("fast path: this release has none, Fleetgate is stock connect-node too");
  }
  if (!hasH2load()) {
    leftOut.push("h2load: not installed");
    kept = kept.map((row) => ({ ...row, modes: row.modes.filter((mode) => mode !== "h2load") }));
  }
  if (openCpuReader() === undefined) leftOut.push("processor time of servers: there is no /proc");
  return { selection: { rows: kept, sections }, leftOut };
}

function neededServers(
  { rows, sections }: Selection,
  { variants }: PeersOptions,
): ReadonlyMap<string, ServerSpec> {
  const names = new Set(rows.map(({ server }) => server));
  if (sections.has("clients")) names.add("bare");
  return new Map([...serverSpecs(variants)].filter(([name]) => names.has(name)));
}

function notesOf({ works }: Stage): Partial<Record<Scale, WorldNotes>> {
  return Object.fromEntries([...works].map(([scale, { notes }]) => [scale, notes]));
}
