import type { Identity } from "../../../src/domain/identity.ts";
import { checkPoolPerm } from "../../../src/engine/checker/check-pool-perm.ts";
import { generateQuestions } from "../../../test/support/fleets/generate-questions.ts";
import { createRandom } from "../../../test/support/fleets/random.ts";
import type { BuiltWorld } from "./build-world.ts";

/** One caller, one permission, some pools, and for each of them whether it is permitted. */
export interface Question {
  readonly caller: string;
  readonly permission: string;
  readonly pools: readonly string[];
  readonly answers: Uint8Array;
}

/** The questions about a world. */
export interface Questions {
  /** About one pool each, by their answer; all callers are people. */
  readonly permitted: readonly Question[];
  readonly denied: readonly Question[];
  /** What one of these callers is permitted, whoever is permitted most. */
  readonly own: readonly Question[];
  /** About 50 and about 1,000 pools each. Where there are fewer pools they come again. */
  readonly of50: readonly Question[];
  readonly of1000: readonly Question[];
}

const drawn = 20_000;
const mostSingle = 1_000;
const mostOf50 = 200;
const mostOf1000 = 20;

/** Makes up questions as services ask them. The answers are those of the engine, in memory. */
export function makeQuestions({ spec, fleet, snapshot }: BuiltWorld): Questions {
  const ask = (caller: string, permission: string, pools: readonly string[]): Question => ({
    ...{ caller, permission, pools },
    answers: Uint8Array.from(pools, (pool) =>
      Number(checkPoolPerm(snapshot, caller as Identity, permission, pool).permitted),
    ),
  });
  const permitted: Question[] = [];
  const denied: Question[] = [];
  for (const question of generateQuestions(fleet, { seed: spec.seed, count: drawn })) {
    if (question.check !== "pool" || !question.caller.startsWith("user:")) continue;
    const asked = ask(question.caller, question.permission, [question.pool]);
    const list = asked.answers[0] === 1 ? permitted : denied;
    if (list.length < mostSingle) list.push(asked);
  }
  const all = (fleet.config.pools ?? []).map(({ name }) => name);
  const random = createRandom(spec.seed);
  const several = (most: number, count: number): readonly Question[] =>
    spread(permitted, most).map(({ caller, permission, pools }) => {
      // The pool that this caller may use is among them.
      const others = random.sample(all, all.length).filter((name) => name !== pools[0]);
      const some = [...pools, ...others].slice(0, count);
      return ask(caller, permission, cycle(some, count));
    });
  return {
    permitted,
    denied,
    own: ownQuestions(permitted, ask, all),
    of50: several(mostOf50, 50),
    of1000: several(mostOf1000, 1_000),
  };
}

function ownQuestions(
  permitted: readonly Question[],
  ask: (caller: string, permission: string, pools: readonly string[]) => Question,
  pools: readonly string[],
): readonly Question[] {
  const counts = new Map<string, number>();
  for (const { caller } of permitted) counts.set(caller, (counts.get(caller) ?? 0) + 1);
  const [caller] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [""];
  const permissions = new Set(permitted.map(({ permission }) => permission));
  return [...permissions]
    .flatMap((permission) => pools.map((pool) => ask(caller, permission, [pool])))
    .filter(({ answers }) => answers[0] === 1)
    .slice(0, mostSingle);
}

function spread<T>(list: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, Math.floor(list.length / most));
  return list.filter((_, index) => index % step === 0).slice(0, most);
}

function cycle<T>(list: readonly T[], count: number): readonly T[] {
  return Array.from({ length: count }, (_, index) => list[index % list.length] as T);
}
