import { startPostgres } from "../../test/support/postgres-server.ts";
import { pickCores, startChild } from "../children.ts";
import type { WriteTimes } from "../live/visibility.ts";
import type { BenchOptions } from "../options.ts";
import { fillDatabase, type FilledDatabase } from "./fill.ts";
import type { Target } from "./measure.ts";
import { measureCached, type CachedFigures } from "./measure-cached.ts";
import { measureInProcess, type InProcessRun } from "./measure-in-process.ts";
import { measureSustained, type SustainedFigures } from "./measure-sustained.ts";
import { measureUncached, type UncachedFigures } from "./measure-uncached.ts";
import { fullPlan, quickPlan, type RevocationPlan } from "./plan.ts";
import { openReplica } from "./replicas.ts";
import { measureRevocations } from "./revocations.ts";
import { createDatabase, openTarget, startMs, startServer } from "./targets.ts";

/** When ended tokens were refused. */
export interface RevocationFigures {
  readonly plan: RevocationPlan;
  readonly writes: readonly WriteTimes[];
}

/** What the bench of credentials came to. */
export interface CredentialResults {
  /** Whether server and load had a core each. */
  readonly pinned: boolean;
  readonly tokens: number;
  readonly cached: readonly CachedFigures[];
  readonly inProcess: readonly InProcessRun[];
  readonly uncached: UncachedFigures;
  readonly sustained: SustainedFigures;
  readonly replicas: number;
  readonly revocations: readonly RevocationFigures[];
}

/** How many replicas refuse ended tokens. */
const replicaCount = 3;

/** Measures servers in processes of their own on a Postgres of its own. */
export async function runCredentials(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<CredentialResults> {
  const plan = options.quick ? quickPlan : fullPlan;
  const endAt = performance.now() + plan.limit * 1000;
  const begin = (text: string): void => {
    if (performance.now() > endAt) throw new Error(`the bench takes more than ${plan.limit} s`);
    say(`credentials: ${text}`);
  };
  const cores = pickCores();
  const ended = plan.revocations.map(({ perSecond, seconds }) => Math.round(perSecond * seconds));
  begin("starting Postgres, making tasks");
  const postgres = await startPostgres({ durable: true });
  const load = startChild(new URL("./load.ts", import.meta.url), [], { core: cores?.load });
  try {
    const url = await createDatabase(postgres.url);
    const all = ended.reduce((sum, count) => sum + count, 2 * plan.live + plan.fresh + plan.seldom);
    const filled = await fillDatabase(url, all);
    await load.ask({ prepare: filled.tokens }, startMs);
    const key = filled.serviceKey;
    const start = (): Promise<Target> =>
      startServer({ url, notify: true, signingKeys: filled.signingKeys }, cores?.server);

    const { cached, uncached } = await withTargets(
      [start, () => startEmpty(cores?.server)],
      async ([fleetgate, empty]) => {
        if (fleetgate === undefined || empty === undefined) throw new Error("there is no server");
        const of = { load, key, plan };
        return {
          cached: await measureCached({ fleetgate, empty }, of, begin),
          uncached: await measureUncached(fleetgate, of, begin),
        };
      },
    );
    begin("in the process");
    const live = filled.tokens.slice(0, plan.live);
    const inProcess = await measureInProcess(url, live, plan.inProcess, cores?.server);
    let next = plan.live + plan.fresh + plan.seldom;
    const sustained = await measureSustained({ url, load, key, plan, from: next, start }, begin);
    next += plan.live;
    const revocations: RevocationFigures[] = [];
    for (const [index, one] of plan.revocations.entries()) {
      begin(`revocation to refusal, notifications ${one.notify ? "on" : "off"}`);
      const tokens = filled.tokens.slice(next, next + (ended[index] ?? 0));
      next += tokens.length;
      revocations.push({ plan: one, writes: await endTokens(url, filled, one, tokens) });
    }
    return {
      ...{ pinned: cores !== undefined, tokens: all, replicas: replicaCount },
      ...{ cached, inProcess, uncached, sustained, revocations },
    };
  } finally {
    await load.stop();
    await postgres.remove();
  }
}

function startEmpty(core?: number): Promise<Target> {
  const nothing = { url: "", notify: false, signingKeys: "" };
  return openTarget(
    startChild(new URL("./empty-server.ts", import.meta.url), [], { core }),
    nothing,
  );
}

/** Starts servers all at once, and ends them whatever becomes of their use. */
async function withTargets<T>(
  starts: readonly (() => Promise<Target>)[],
  use: (targets: readonly Target[]) => Promise<T>,
): Promise<T> {
  const started = await Promise.allSettled(starts.map((start) => start()));
  const targets = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    const failure = started.find((one) => one.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    return await use(targets);
  } finally {
    await Promise.all(targets.map(({ child }) => child.stop()));
  }
}

async function endTokens(
  url: string,
  keys: FilledDatabase,
  plan: RevocationPlan,
  tokens: FilledDatabase["tokens"],
): Promise<readonly WriteTimes[]> {
  const starts = Array.from({ length: replicaCount }, () => () => {
    return startServer({ url, notify: plan.notify, signingKeys: keys.signingKeys });
  });
  return withTargets(starts, (targets) =>
    within(plan.seconds * 1000 + startMs, async () => {
      const replicas = await Promise.all(targets.map((target) => openReplica(target, keys)));
      try {
        const [first] = replicas;
        if (first === undefined) throw new Error("there are no replicas");
        const fleet = {
          end: first.end,
          isRefused: replicas.map(({ isRefused }) => isRefused),
          told: replicas.map(({ told }) => told),
        };
        return await measureRevocations(fleet, plan, tokens);
      } finally {
        await Promise.all(replicas.map((replica) => replica.close()));
      }
    }),
  );
}

/** Fails when it takes too long: a replica that says nothing must not keep the bench. */
async function within<T>(ms: number, use: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the replicas took more than ${ms / 1000} s`));
    }, ms);
  });
  try {
    return await Promise.race([use(), late]);
  } finally {
    clearTimeout(timer);
  }
}
