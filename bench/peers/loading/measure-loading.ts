import { startChild } from "../../children.ts";
import type { ChangeCosts, FollowerRequest, LoadFigures } from "../../live/messages.ts";
import { largeGroup } from "../../live/world.ts";
import type { FilledDatabase } from "../databases.ts";
import type { WorldSpec } from "../messages.ts";
import type { NestingCosts, NestingRequest } from "./nesting-worker.ts";

/** What loading and changing the largest fleet cost, in processes of their own. */
export interface LoadingFigures {
  readonly loads: readonly LoadFigures[];
  /** One member more, in groups by turns and in the largest one. */
  readonly memberSmall: ChangeCosts;
  readonly memberLarge: ChangeCosts;
  /** The group that has most others below it, nested in others and taken out again. */
  readonly nesting: NestingCosts;
}

const answerMs = 120_000;

/** Measures what `bench/live` measures too, by its own processes, on a database that is full already. */
export async function measureLoading(
  plan: { readonly loads: number; readonly advances: number; readonly nestings: number },
  database: FilledDatabase,
  { seed, fleet }: WorldSpec,
): Promise<LoadingFigures> {
  const { url, teams } = database;
  const loads: LoadFigures[] = [];
  let costs: readonly [ChangeCosts, ChangeCosts] | undefined;
  for (let load = 1; load <= plan.loads; load += 1) {
    const child = startChild(new URL("../../live/follower.ts", import.meta.url), [], {
      nodeFlags: ["--expose-gc"],
    });
    const ask = <T>(request: FollowerRequest): Promise<T> => child.ask<T>(request, answerMs);
    try {
      loads.push(await ask<LoadFigures>({ kind: "load", url }));
      if (load < plan.loads) continue;
      const advance = (groups: readonly string[]): Promise<ChangeCosts> =>
        ask({ kind: "advance", groups, count: plan.advances });
      costs = [await advance(teams), await advance([largeGroup])];
    } finally {
      await child.stop();
    }
  }
  if (costs === undefined) throw new Error("nothing was loaded");
  const [memberSmall, memberLarge] = costs;
  const nesting = await measureNesting({ url, seed, fleet, count: plan.nestings });
  return { loads, memberSmall, memberLarge, nesting };
}

async function measureNesting(request: NestingRequest): Promise<NestingCosts> {
  const child = startChild(new URL("./nesting-worker.ts", import.meta.url), []);
  try {
    return await child.ask<NestingCosts>(request, answerMs);
  } finally {
    await child.stop();
  }
}
