import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { ask } from "../../spec/ask.ts";
import type { Question } from "../../spec/question.ts";
import type { World } from "../../spec/world.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { askEngine } from "./engine-world.ts";

/** Counts pairs of a world and a question by the answer that both sides gave. */
export interface Tally {
  readonly asked: () => number;
  /** How many of a hundred decisions were permitted. Filters and malformed questions do not count. */
  readonly percentPermitted: () => number;
  /** Asks the spec and the engine; throws when they differ. */
  readonly compare: (world: World, snapshot: Snapshot, questions: readonly Question[]) => void;
}

/** Starts to count. */
export function createTally(): Tally {
  const counts = { permitted: 0, denied: 0, invalid: 0, filtered: 0 };
  return {
    asked: () => Object.values(counts).reduce((sum, count) => sum + count, 0),
    percentPermitted: () => (100 * counts.permitted) / (counts.permitted + counts.denied),
    compare: (world, snapshot, questions) => {
      for (const question of questions) {
        const expected = ask(world, question);
        assert.deepEqual(askEngine(snapshot, question), expected, JSON.stringify(question));
        counts[expected.answer] += 1;
      }
    },
  };
}

/**
 * The seed of this run, for every property: `FLEETGATE_TEST_SEED`, or another one each time. It is printed,
 * so that a failure can be repeated.
 */
export function chooseSeed(context: TestContext): number {
  const given = process.env["FLEETGATE_TEST_SEED"];
  const seed = given === undefined ? Date.now() % 2 ** 31 : Number(given);
  assert.ok(Number.isInteger(seed), "FLEETGATE_TEST_SEED must be an integer");
  context.diagnostic(`seed ${seed} (repeat with FLEETGATE_TEST_SEED=${seed})`);
  return seed;
}
