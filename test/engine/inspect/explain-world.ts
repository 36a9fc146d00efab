import { emptyConfiguration, type Configuration, type Group } from "../../../src/domain/model.ts";
import { explainCheck } from "../../../src/engine/inspect/explain.ts";
import type { Explanation } from "../../../src/engine/inspect/explanation.ts";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
import type { CountTold } from "../../../src/engine/inspect/steps.ts";
import { inspectConfigurations, inspectWorld } from "../../conformance/support/explain-world.ts";
import type { World, WorldBinding, WorldRealm } from "../../spec/world.ts";
import { id } from "../world.ts";

export const get = "swarming.tasks.get";
export const listTasks = "swarming.pools.listTasks";
export const createTask = "swarming.pools.createTask";
export const ann = "user:ann@x.com";

/** Explains a check in a world that is one source, `main`. */
export function explainIn(world: World, caller: string, question: CheckQuestion): Explanation {
  return explainCheck(inspectWorld(world), id(caller), question);
}

/** Explains a check among groups that no validation has seen; `main` manages them. */
export function explainAmong(
  groups: readonly Group[],
  parts: Partial<Configuration>,
  caller: string,
  question: CheckQuestion,
  countTold?: CountTold,
): Explanation {
  const configuration = { ...emptyConfiguration, ...parts, groups };
  return explainCheck(
    inspectConfigurations(new Map([["main", configuration]])),
    id(caller),
    question,
    countTold,
  );
}

/** A binding of the role of pool users, who may create tasks. */
export function users(...principals: readonly string[]): WorldBinding {
  return { role: "role/swarming.poolUser", principals };
}

/** A project `p` with these realms, and a pool in each that has the name of the realm. */
export function fleet(...realms: readonly WorldRealm[]): World {
  return {
    projects: [{ name: "p", realms }],
    pools: realms
      .filter(({ name }) => name !== "@root")
      .map(({ name }) => ({ name, realm: `p:${name}` })),
  };
}

/** A question about a pool. */
export function inPool(pool: string, permission: string = createTask): CheckQuestion {
  return { check: "pool", permission, pool };
}

/** A question about several pools. */
export function inPools(
  check: "all_pools" | "any_pools" | "filter_pools",
  pools: readonly string[],
  permission: string = createTask,
): CheckQuestion {
  return { check, permission, pools };
}

/** A question about a task of which nothing is known but what is given. */
export function onTask(parts: {
  readonly realm?: string;
  readonly pool?: string;
  readonly botId?: string;
  readonly submitter?: string;
}): CheckQuestion {
  const task = { taskId: "t", realm: "", pool: "", botId: "", submitter: "", ...parts };
  return { check: "task", permission: get, task };
}

/** The steps in short: what was looked at, and what it came to. */
export function inShort({ steps }: Explanation): readonly string[] {
  return steps.map(({ kind, pool, realm, result }) =>
    [kind === "realm" ? `realm ${realm}` : kind === "pool" ? `pool ${pool}` : kind, result].join(
      ": ",
    ),
  );
}
