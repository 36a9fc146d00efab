import type { Child } from "../children.ts";
import { rotate } from "../statistics.ts";
import type { Pattern } from "../transport/messages.ts";
import { measureRun, middle, rateOf, type MeasuredRun, type Target } from "./measure.ts";
import { batchSize, wires, type Method, type Wire } from "./messages.ts";
import type { CredentialPlan } from "./plan.ts";

/** Who is asked: the handler that does nothing, Fleetgate, or Fleetgate about more tokens than it remembers answers about. */
export type Subject = "empty" | "fleetgate" | "seldom";

/** All runs of one way of asking about tokens that the server remembers. */
export interface CachedFigures {
  readonly wire: Wire;
  readonly method: Method;
  readonly subject: Subject;
  readonly saturated: readonly MeasuredRun[];
  /** The same for the first two subjects of a wire; of single calls only. */
  readonly perSecond: number;
  readonly paced: readonly MeasuredRun[];
}

/** Of what the slower subject can do at most. */
const pacedShare = 0.4;

/**
 * Identifies the bearers of tokens that the server has seen before. One round after the other, each with every
 * combination: what disturbs the machine for a while disturbs all of them.
 */
export async function measureCached(
  targets: Readonly<Record<Exclude<Subject, "seldom">, Target>>,
  {
    load,
    key,
    plan,
  }: { readonly load: Child; readonly key: string; readonly plan: CredentialPlan },
  begin: (text: string) => void,
): Promise<readonly CachedFigures[]> {
  const combinations = wires.flatMap((wire) =>
    (["identify", "batch"] as const).flatMap((method) =>
      (["empty", "fleetgate", "seldom"] as const).map((subject) => ({
        ...{ wire, method, subject, perSecond: 0 },
        ...{ saturated: [] as MeasuredRun[], paced: [] as MeasuredRun[] },
      })),
    ),
  );
  type Combination = (typeof combinations)[number];
  const measure = (
    { wire, method, subject }: Combination,
    pattern: Pattern,
    seconds: number,
  ): Promise<MeasuredRun> =>
    measureRun(subject === "empty" ? targets.empty : targets.fleetgate, load, {
      ...{ key, wire, method, ...rangeOf(subject, plan), once: false },
      ...{ identifies: subject !== "empty", pattern, connections: 8, seconds },
    });
  const saturate = ({ method }: Combination): Pattern => ({
    ...{ kind: "closed", inFlight: method === "identify" ? 64 : 8 },
  });

  begin("cached: warming up");
  await readAll(targets.fleetgate, load, key, plan);
  for (const one of combinations) await measure(one, saturate(one), plan.warmUp);
  for (let round = 0; round < plan.saturated.rounds; round += 1) {
    begin(`cached: saturated, round ${round + 1} of ${plan.saturated.rounds}`);
    for (const one of rotate(combinations, round)) {
      one.saturated.push(await measure(one, saturate(one), plan.saturated.seconds));
    }
  }
  const single = combinations.filter(
    ({ method, subject }) => method === "identify" && subject !== "seldom",
  );
  for (const one of single) {
    const rates = single
      .filter(({ wire }) => wire === one.wire)
      .map(({ saturated }) => middle(saturated, rateOf));
    one.perSecond = Math.max(100, Math.floor((Math.min(...rates) * pacedShare) / 100) * 100);
  }
  for (let round = 0; round < plan.paced.rounds; round += 1) {
    begin(`cached: paced, round ${round + 1} of ${plan.paced.rounds}`);
    for (const one of rotate(single, round)) {
      const pattern = { kind: "paced", perSecond: one.perSecond } as const;
      one.paced.push(await measure(one, pattern, plan.paced.seconds));
    }
  }
  return combinations;
}

function rangeOf(
  subject: Subject,
  { live, fresh, seldom }: CredentialPlan,
): { readonly from: number; readonly to: number } {
  if (subject !== "seldom") return { from: 0, to: live };
  const from = live + fresh;
  return { from, to: from + seldom };
}

/** Has the server read all those that it is to remember and is seldom asked about, so that no answer waits for the database. */
async function readAll(
  target: Target,
  load: Child,
  key: string,
  plan: CredentialPlan,
): Promise<void> {
  const { from, to } = rangeOf("seldom", plan);
  for (let next = from; next < to;) {
    const { calls } = await measureRun(target, load, {
      ...{ key, wire: "gRPC", method: "batch", from: next, to, once: false },
      ...{ identifies: true, connections: 8, seconds: plan.warmUp },
      pattern: { kind: "closed", inFlight: 8 },
    });
    next += Math.min(calls * batchSize, to - next);
  }
}
