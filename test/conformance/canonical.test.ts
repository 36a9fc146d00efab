import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { diffEntities, toEntities } from "../../src/config/entities.ts";
import { isSameIdentity } from "../spec/names.ts";
import type { World } from "../spec/world.ts";
import { arbitraryConditionalWorld } from "./support/arbitrary-world.ts";
import { configureWorld } from "./support/engine-world.ts";
import { shuffleWorld } from "./support/rearrange-world.ts";
import { chooseSeed } from "./support/tally.ts";

/** Of several spellings of one member the first is kept, so here, where order must not count, one is left. */
function withOneSpelling(world: World): World {
  const groups = (world.groups ?? []).map(({ members = [], ...group }) => ({
    ...group,
    members: members.filter(
      (member, index) => members.findIndex((other) => isSameIdentity(other, member)) === index,
    ),
  }));
  return { ...world, groups };
}

describe("the same world in another order", () => {
  test("is the same configuration, and applying it changes nothing", (context) => {
    const arbitraryWorld = arbitraryConditionalWorld.map(withOneSpelling);
    const property = fc.property(arbitraryWorld, fc.nat(), (world, seed) => {
      const configuration = configureWorld(world);
      const shuffled = configureWorld(shuffleWorld(world, seed));
      assert.deepEqual(shuffled, configuration);
      assert.deepEqual(diffEntities(toEntities(configuration), toEntities(shuffled)), []);
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 500 });
  });
});
