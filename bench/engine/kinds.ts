import { parseIdentity, type Identity } from "../../src/domain/identity.ts";
import { checkBotPerm } from "../../src/engine/checker/check-bot-perm.ts";
import { checkPoolPerm } from "../../src/engine/checker/check-pool-perm.ts";
import { checkServerPerm } from "../../src/engine/checker/check-server-perm.ts";
import { checkTaskPerm, type TaskInfo } from "../../src/engine/checker/check-task-perm.ts";
import { filterPoolsByPerm } from "../../src/engine/checker/filter-pools-by-perm.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import type { Question } from "../../test/spec/question.ts";
import type { Fleet } from "../../test/support/fleets/generate-fleet.ts";
import { generateQuestions } from "../../test/support/fleets/generate-questions.ts";
import { createRandom } from "../../test/support/fleets/random.ts";

/** How many pools a filter is asked about. */
export const filterSize = 50;

/** The kinds of checks, in the order of the table. */
export const kinds = ["server", "pool allow", "pool deny", "task", "bot", "filter 50"] as const;

/** One of the kinds. */
export type Kind = (typeof kinds)[number];

/** A check with its arguments, ready to be asked of any snapshot: how many permits come out of it. */
export interface Ask {
  readonly caller: Identity;
  readonly run: (snapshot: Snapshot) => number;
}

const questionCount = 40_000;
const maxAsks = 4_000;

/** Questions of every kind about a fleet, without doubles. `scout` sorts those about pools by their answer. */
export function makeAsks(
  fleet: Fleet,
  scout: Snapshot,
  seed: number,
): ReadonlyMap<Kind, readonly Ask[]> {
  const asks = new Map<Kind, Ask[]>(kinds.map((kind) => [kind, []]));
  const pools = (fleet.config.pools ?? []).map(({ name }) => name);
  const random = createRandom(seed);
  const seen = new Set<string>();
  for (const question of generateQuestions(fleet, { seed, count: questionCount })) {
    const text = JSON.stringify({ ...question, task: undefined });
    if (question.check !== "task" && seen.has(text)) continue;
    seen.add(text);
    for (const [kind, ask] of toAsks(question, scout, () => {
      return Array.from({ length: filterSize }, () => random.pick(pools));
    })) {
      const list = asks.get(kind);
      if (list !== undefined && list.length < maxAsks) list.push(ask);
    }
  }
  return asks;
}

function toAsks(
  question: Question,
  scout: Snapshot,
  pickPools: () => readonly string[],
): readonly (readonly [Kind, Ask])[] {
  switch (question.check) {
    case "server":
      return [["server", askServer(question)]];
    case "pool": {
      const ask = askPool(question);
      const permitted = ask.run(scout) === 1;
      return [
        [permitted ? "pool allow" : "pool deny", ask],
        ["filter 50", askFilter(question, pickPools())],
      ];
    }
    case "task":
      return [["task", askTask(question)]];
    case "bot":
      return [["bot", askBot(question)]];
    default:
      return [];
  }
}

type QuestionOf<C extends Question["check"]> = Extract<Question, { readonly check: C }>;

function askServer({ caller: text, permission }: QuestionOf<"server">): Ask {
  const caller = toIdentity(text);
  return { caller, run: (snapshot) => +checkServerPerm(snapshot, caller, permission).permitted };
}

function askPool({ caller: text, permission, pool }: QuestionOf<"pool">): Ask {
  const caller = toIdentity(text);
  return {
    caller,
    run: (snapshot) => +checkPoolPerm(snapshot, caller, permission, pool).permitted,
  };
}

function askFilter(
  { caller: text, permission }: QuestionOf<"pool">,
  pools: readonly string[],
): Ask {
  const caller = toIdentity(text);
  return {
    caller,
    run: (snapshot) => +(filterPoolsByPerm(snapshot, caller, permission, pools).length > 0),
  };
}

function askTask({ caller: text, permission, task: claim }: QuestionOf<"task">): Ask {
  const caller = toIdentity(text);
  const { task_id: taskId, realm, pool, bot_id: botId, submitter } = claim;
  const task: TaskInfo = { taskId, realm, pool, botId, submitter };
  return {
    caller,
    run: (snapshot) => +checkTaskPerm(snapshot, caller, permission, task).permitted,
  };
}

function askBot({ caller: text, permission, bot_id: botId }: QuestionOf<"bot">): Ask {
  const caller = toIdentity(text);
  return {
    caller,
    run: (snapshot) => +checkBotPerm(snapshot, caller, permission, botId).permitted,
  };
}

function toIdentity(text: string): Identity {
  const identity = parseIdentity(text);
  if (identity === undefined) throw new Error(`not an identity: ${text}`);
  return identity;
}

/**
 * Of every kind some questions, no two of them, of whatever kind, about the same caller: asked of a new
 * snapshot, each is the first that it hears of its caller.
 */
export function pickStrangers(
  asks: ReadonlyMap<Kind, readonly Ask[]>,
  most: number,
): ReadonlyMap<Kind, readonly Ask[]> {
  const taken = new Set<Identity>();
  const picked = new Map<Kind, Ask[]>(kinds.map((kind) => [kind, []]));
  const next = new Map<Kind, Iterator<Ask>>();
  for (const [kind, list] of asks) next.set(kind, list.values());
  for (let turn = 0; turn < most; turn += 1) {
    for (const kind of kinds) {
      const iterator = next.get(kind);
      let item = iterator?.next();
      while (item?.done === false && taken.has(item.value.caller)) item = iterator?.next();
      if (item?.done !== false) continue;
      taken.add(item.value.caller);
      picked.get(kind)?.push(item.value);
    }
  }
  return picked;
}
