import type { Child } from "../children.ts";
import type { Pattern } from "../transport/messages.ts";
import { measureRun, middle, rateOf, type MeasuredRun, type Target } from "./measure.ts";
import type { CredentialPlan } from "./plan.ts";

/** What identifications cost whose tokens the server has never seen. */
export interface UncachedFigures {
  readonly saturated: readonly MeasuredRun[];
  readonly perSecond: number;
  readonly paced: readonly MeasuredRun[];
  /** One call after the other, at a rate at which none waits for another. */
  readonly slow: readonly MeasuredRun[];
}

const inFlight = 64;
const pacedShare = 0.4;
const slowPerSecond = 50;

/** Asks about each token once, over gRPC: every answer needs the database. */
export async function measureUncached(
  target: Target,
  of: { readonly load: Child; readonly key: string; readonly plan: CredentialPlan },
  begin: (text: string) => void,
): Promise<UncachedFigures> {
  const { load, key, plan } = of;
  const { rounds, seconds } = plan.uncached;
  const end = plan.live + plan.fresh;
  let next = plan.live;
  const measure = async (pattern: Pattern, share: number): Promise<MeasuredRun> => {
    const run = await measureRun(target, load, {
      ...{ key, wire: "gRPC", method: "identify", from: next, to: end, once: true },
      ...{ identifies: true, pattern, connections: 8, seconds: seconds * share },
    });
    next += run.calls;
    return run;
  };
  begin("uncached");
  // What the server compiles meanwhile is not what is measured.
  await measure({ kind: "closed", inFlight }, 0.2);
  const saturated: MeasuredRun[] = [];
  const paced: MeasuredRun[] = [];
  const slow: MeasuredRun[] = [];
  for (let round = 0; round < rounds; round += 1) {
    saturated.push(await measure({ kind: "closed", inFlight }, 0.5));
  }
  const rate = middle(saturated, rateOf) * pacedShare;
  const perSecond = Math.max(100, Math.floor(rate / 100) * 100);
  for (let round = 0; round < rounds; round += 1) {
    paced.push(await measure({ kind: "paced", perSecond }, 1));
    slow.push(await measure({ kind: "paced", perSecond: slowPerSecond }, 1));
  }
  return { saturated, perSecond, paced, slow };
}
