import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mayAskOnBehalf } from "../spec/delegation.ts";
import { callerOf } from "../spec/question.ts";
import { generateFleet } from "../support/fleets/generate-fleet.ts";
import { generateQuestions } from "../support/fleets/generate-questions.ts";
import { loadWorld, mayAskEngineOnBehalf } from "./support/engine-world.ts";
import { chooseSeed, createTally } from "./support/tally.ts";

const cases = [
  { size: "tiny", fleets: 40, count: 250 },
  { size: "small", fleets: 10, count: 500 },
  { size: "medium", fleets: 1, count: 500 },
] as const;

describe("in realistic fleets the engine answers as the spec", () => {
  for (const { size, fleets, count } of cases) {
    test(`${size} ones`, (context) => {
      const tally = createTally();
      const first = chooseSeed(context);
      for (let seed = first; seed < first + fleets; seed += 1) {
        const fleet = generateFleet({ seed, size });
        const snapshot = loadWorld(fleet.config);
        const questions = generateQuestions(fleet, { seed, count });
        tally.compare(fleet.config, snapshot, questions);
        for (const question of questions.slice(0, 50)) {
          for (const peer of ["service:front", ...fleet.identities.services.slice(0, 1)]) {
            const caller = callerOf(question);
            assert.equal(
              mayAskEngineOnBehalf(snapshot, peer, caller, question),
              mayAskOnBehalf(fleet.config, peer, caller, question),
              `${peer}: ${JSON.stringify(question)} of seed ${seed}`,
            );
          }
        }
      }
      const percent = tally.percentPermitted();
      context.diagnostic(`${tally.asked()} pairs asked, ${percent.toFixed(1)} % permitted`);
      assert.ok(percent > 5 && percent < 90, String(percent));
    });
  }
});
