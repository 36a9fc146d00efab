import { median } from "../statistics.ts";
import type { Child } from "../children.ts";
import type { Pattern } from "../transport/messages.ts";
import { measureRun, rateOf, type MeasuredRun, type Target } from "./measure.ts";
import { batchSize, type Method } from "./messages.ts";
import { wantedPerSecond, type CredentialPlan } from "./plan.ts";
import { readRowWrites, writtenBetween, type RowWrites } from "./row-writes.ts";

/** One way to identify many for a while. */
export interface SustainedRun {
  readonly method: Method;
  /** Identifications a second that were asked for, whatever became of those before. */
  readonly perSecond: number;
  readonly run: MeasuredRun;
}

/** What came of identifying many for a while, and what was written meanwhile. */
export interface SustainedFigures {
  readonly tokens: number;
  readonly runs: readonly SustainedRun[];
  readonly writes: RowWrites;
  readonly identifications: number;
  /** From the start of the server to its end. */
  readonly seconds: number;
}

/** Of what single calls reach when as many as possible are made. */
const calmShare = 0.75;

/**
 * Identifies bearers at the rate that is wanted, by batches, and by single calls if the server can; else at three quarters
 * of what it can. The server is started before and stopped after, so that Postgres has counted all that it wrote.
 */
export async function measureSustained(
  of: {
    readonly url: string;
    readonly load: Child;
    readonly key: string;
    readonly plan: CredentialPlan;
    /** The first of the tokens, which nobody has used before. */
    readonly from: number;
    readonly start: () => Promise<Target>;
  },
  begin: (text: string) => void,
): Promise<SustainedFigures> {
  const { url, load, key, plan, from, start } = of;
  const before = await readRowWrites(url);
  const startedAt = performance.now();
  const target = await start();
  let identifications = 0;
  const measure = async (
    method: Method,
    pattern: Pattern,
    seconds: number,
  ): Promise<MeasuredRun> => {
    const run = await measureRun(target, load, {
      ...{ key, wire: "gRPC", method, from, to: from + plan.live, once: false },
      ...{ identifies: true, pattern, connections: 8, seconds },
    });
    identifications += run.calls * (method === "batch" ? batchSize : 1);
    return run;
  };
  const runs: SustainedRun[] = [];
  try {
    begin(`sustained: batches, ${wantedPerSecond.toLocaleString("en-US")} a second`);
    await measure("batch", { kind: "closed", inFlight: 4 }, plan.warmUp);
    const batches = { kind: "paced", perSecond: wantedPerSecond / batchSize } as const;
    const batched = await measure("batch", batches, plan.sustainedBatch);
    runs.push({ method: "batch", perSecond: wantedPerSecond, run: batched });
    const most: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const pattern = { kind: "closed", inFlight: 64 } as const;
      most.push(rateOf(await measure("identify", pattern, plan.warmUp)));
    }
    const calm = Math.floor((median(most) * calmShare) / 100) * 100;
    const perSecond = Math.min(wantedPerSecond, Math.max(100, calm));
    begin(`sustained: single calls, ${perSecond.toLocaleString("en-US")} a second`);
    const single = await measure("identify", { kind: "paced", perSecond }, plan.sustainedSingle);
    runs.push({ method: "identify", perSecond, run: single });
  } finally {
    await target.child.stop();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const writes = writtenBetween(before, await readRowWrites(url));
  return { tokens: plan.live, runs, writes, identifications, seconds };
}
