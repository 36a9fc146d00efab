import { loadavg } from "node:os";
import { startPostgres } from "../../test/support/postgres-server.ts";
import { pickCores, startChild } from "../children.ts";
import { fillDatabase } from "../credentials/fill.ts";
import type { Target } from "../credentials/measure.ts";
import type { ServerRequest } from "../credentials/messages.ts";
import { readRowWrites, writtenBetween, type RowWrites } from "../credentials/row-writes.ts";
import { createDatabase, startMs, startServer } from "../credentials/targets.ts";
import type { BenchOptions } from "../options.ts";
import { fillManagers } from "./fill-managers.ts";
import type { Answer, LoadRequest, LoadRun } from "./messages.ts";
import { fullPlan, quickPlan } from "./plan.ts";

/** A run with the processor time of the server. */
export interface ServedRun extends LoadRun {
  readonly serverCpuSeconds: number;
}

/** Claims from open to answer, by how the opener learns of it and how many are under way at a time. */
export interface ClaimFigures {
  readonly answer: Answer;
  readonly inFlight: number;
  readonly runs: readonly ServedRun[];
}

/** Heartbeats of many managers, and what was written meanwhile. */
export interface BeatFigures {
  /** As fast as it goes: of those who had not beaten before, and of so many who had. */
  readonly first: readonly ServedRun[];
  readonly again: readonly ServedRun[];
  readonly known: number;
  /** Each once a minute. */
  readonly calm: ServedRun;
  /** How many in all, and which rows were written. */
  readonly beats: number;
  readonly writes: RowWrites;
  /** From the start of the server to its end. */
  readonly seconds: number;
}

/** What the bench of claims and runners came to. */
export interface ClaimResults {
  /** Whether server and load had a core each. */
  readonly pinned: boolean;
  /** How busy the machine was before: the processes that ran or wanted to, over a minute. */
  readonly loadBefore: number;
  /** That beat. */
  readonly managers: number;
  readonly claims: readonly ClaimFigures[];
  /** For ten runners by turns, and for one and the same. */
  readonly enrolled: ServedRun;
  readonly enrolledForOne: ServedRun;
  readonly beats: BeatFigures;
}

/** By how many at a time: fewer than the streams that a peer may have. */
const claimWays: readonly (readonly [Answer, number])[] = [
  ["get", 12],
  ["watch", 12],
  ["get", 1],
  ["watch", 1],
];
const beating = 64;

type Beats = Omit<Extract<LoadRequest, { kind: "beat" }>, "kind">;

/** Measures a server in a process of its own on a Postgres of its own. */
export async function runClaims(
  options: BenchOptions,
  say: (text: string) => void,
): Promise<ClaimResults> {
  const plan = options.quick ? quickPlan : fullPlan;
  const endAt = performance.now() + plan.limit * 1000;
  const begin = (text: string): void => {
    if (performance.now() > endAt) throw new Error(`the bench takes more than ${plan.limit} s`);
    say(`claims: ${text}`);
  };
  const cores = pickCores();
  const [loadBefore = 0] = loadavg();
  begin("starting Postgres, making managers");
  const postgres = await startPostgres({ durable: true });
  const load = startChild(new URL("./load.ts", import.meta.url), [], { core: cores?.load });
  try {
    const url = await createDatabase(postgres.url);
    const { adminKey, signingKeys } = await fillDatabase(url, 0);
    const ask = <T>(request: LoadRequest): Promise<T> => load.ask<T>(request, plan.limit * 1000);
    await ask({ kind: "managers", tokens: await fillManagers(url, plan) });
    const start = async (): Promise<Target> => {
      const target = await startServer({ url, notify: true, signingKeys }, cores?.server);
      await ask({ kind: "connect", port: target.port, adminKey });
      return target;
    };
    const measure = async (target: Target, request: LoadRequest): Promise<ServedRun> => {
      const before = await readCpu(target);
      const run = await ask<LoadRun>(request);
      return { ...run, serverCpuSeconds: (await readCpu(target)) - before };
    };

    const first = await start();
    const claims: ClaimFigures[] = [];
    try {
      const ways = claimWays.map(
        ([answer, inFlight]) => ({ kind: "claims", answer, inFlight }) as const,
      );
      begin("from open to answer");
      for (const way of ways) await measure(first, { ...way, seconds: plan.warmUp });
      const runs: ServedRun[][] = ways.map(() => []);
      for (let round = 0; round < plan.rounds; round += 1) {
        for (const [index, way] of ways.entries()) {
          runs[index]?.push(await measure(first, { ...way, seconds: plan.claims }));
        }
      }
      for (const [index, { answer, inFlight }] of ways.entries()) {
        claims.push({ answer, inFlight, runs: runs[index] ?? [] });
      }
      begin("enrolments for one runner");
      const one = { kind: "enroll", managers: plan.ofOne, runners: 1 } as const;
      const enrolledForOne = await measure(first, one);
      begin("enrolments for several");
      const several = { kind: "enroll", managers: plan.enrolling, runners: 10 } as const;
      const enrolled = await measure(first, several);
      await first.child.stop();

      begin("heartbeats");
      const beats = await measureBeats();
      return {
        ...{ pinned: cores !== undefined, loadBefore, managers: plan.managers, claims },
        ...{ enrolled, enrolledForOne, beats },
      };
    } finally {
      await first.child.stop();
    }

    /** By a server that is started before and stopped after, so that Postgres has counted all that it wrote. */
    async function measureBeats(): Promise<BeatFigures> {
      const before = await readRowWrites(url);
      const startedAt = performance.now();
      const target = await start();
      const { managers, known } = plan;
      const runs = { first: [] as ServedRun[], again: [] as ServedRun[] };
      let next = 0;
      let beats = 0;
      const beat = async (of: Partial<Beats>): Promise<ServedRun> => {
        const usual = { from: next, managers, perSecond: undefined, seconds: plan.beats };
        const run = await measure(target, { kind: "beat", inFlight: beating, ...usual, ...of });
        beats += run.calls;
        if (of.from === undefined) next += run.calls;
        return run;
      };
      try {
        await beat({ seconds: plan.warmUp });
        for (let round = 0; round < plan.rounds; round += 1) {
          runs.first.push(await beat({}));
          await beat({ from: 0, managers: known, seconds: plan.warmUp });
          runs.again.push(await beat({ from: 0, managers: known }));
        }
        const calm = await beat({ perSecond: managers / 60, seconds: plan.calm });
        await target.child.stop();
        const seconds = (performance.now() - startedAt) / 1000;
        const writes = writtenBetween(before, await readRowWrites(url));
        return { ...runs, known, calm, beats, writes, seconds };
      } finally {
        await target.child.stop();
      }
    }
  } finally {
    await load.stop();
    await postgres.remove();
  }
}

async function readCpu({ child }: Target): Promise<number> {
  const request: ServerRequest = { kind: "cpu" };
  const { user, system } = await child.ask<NodeJS.CpuUsage>(request, startMs);
  return (user + system) / 1e6;
}
