import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { arbitraryQuestions } from "./support/arbitrary-question.ts";
import { arbitraryChange, arbitraryWorld } from "./support/arbitrary-world.ts";
import { configureWorld, loadSources, loadWorld, snapshotOf } from "./support/engine-world.ts";
import { createEntityStore } from "./support/entity-store.ts";
import { shuffleWorld, splitWorld } from "./support/rearrange-world.ts";
import { chooseSeed, createTally } from "./support/tally.ts";

describe("the engine answers as the spec", () => {
  const tally = createTally();

  test("in random worlds", (context) => {
    const property = fc.property(arbitraryWorld, arbitraryQuestions(50), (world, questions) => {
      tally.compare(world, loadWorld(world), questions);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 1_500 });
    const percent = tally.percentPermitted();
    context.diagnostic(`${percent.toFixed(1)} % of the decisions were permitted`);
    assert.ok(percent > 20 && percent < 60, "worlds in which most answers agree by chance");
  });

  test("after a change that was applied as a difference, and after it was taken back", (context) => {
    const property = fc.property(
      arbitraryChange,
      arbitraryQuestions(20),
      ([before, later], questions) => {
        const store = createEntityStore();
        for (const world of [before, later, before]) {
          store.apply(configureWorld(world));
          tally.compare(world, snapshotOf([store.read()]), questions);
        }
      },
    );
    fc.assert(property, { seed: chooseSeed(context), numRuns: 250 });
  });

  test("in whatever order and in however many sources and files a world comes", (context) => {
    const property = fc.property(
      arbitraryWorld,
      fc.nat(),
      arbitraryQuestions(50),
      (world, seed, questions) => {
        const sources = splitWorld(shuffleWorld(world, seed), seed);
        tally.compare(world, loadSources(sources), questions);
      },
    );
    fc.assert(property, { seed: chooseSeed(context), numRuns: 250 });
  });

  test("about 100,000 pairs of a world and a question or more", (context) => {
    context.diagnostic(`${tally.asked()} pairs asked`);
    assert.ok(tally.asked() >= 100_000, String(tally.asked()));
  });
});
