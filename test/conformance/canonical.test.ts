import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { diffEntities, toEntities } from "../../src/config/entities.ts";
import { arbitraryConditionalWorld } from "./support/arbitrary-world.ts";
import { configureWorld } from "./support/engine-world.ts";
import { shuffleWorld } from "./support/rearrange-world.ts";
import { chooseSeed } from "./support/tally.ts";

describe("the same world in another order", () => {
  test("is the same configuration, and applying it changes nothing", (context) => {
    const property = fc.property(arbitraryConditionalWorld, fc.nat(), (world, seed) => {
      const configuration = configureWorld(world);
      const shuffled = configureWorld(shuffleWorld(world, seed));
      assert.deepEqual(shuffled, configuration);
      assert.deepEqual(diffEntities(toEntities(configuration), toEntities(shuffled)), []);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 500 });
  });
});
