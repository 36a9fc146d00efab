import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { mayAskOnBehalf } from "../spec/delegation.ts";
import { isSameIdentity } from "../spec/names.ts";
import { callerOf, isWellFormed } from "../spec/question.ts";
import * as names from "./support/alphabets.ts";
import { arbitraryQuestions } from "./support/arbitrary-question.ts";
import { arbitraryWorld } from "./support/arbitrary-world.ts";
import { loadWorld, mayAskEngineOnBehalf } from "./support/engine-world.ts";
import { chooseSeed } from "./support/tally.ts";

describe("mayAskOnBehalf", () => {
  test("lets the same peers ask the same questions as the spec", (context) => {
    let asked = 0;
    let allowed = 0;
    const property = fc.property(arbitraryWorld, arbitraryQuestions(20), (world, questions) => {
      const snapshot = loadWorld(world);
      for (const question of questions.filter(isWellFormed)) {
        const caller = callerOf(question);
        for (const peer of names.identities) {
          // Who asks about himself needs no delegation: another rule.
          if (isSameIdentity(peer, caller)) continue;
          const expected = mayAskOnBehalf(world, peer, caller, question);
          const says = `${peer}: ${JSON.stringify(question)}`;
          assert.equal(mayAskEngineOnBehalf(snapshot, peer, caller, question), expected, says);
          asked += 1;
          allowed += Number(expected);
        }
      }
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 400 });
    const percent = (100 * allowed) / asked;
    context.diagnostic(`${asked} pairs asked, ${percent.toFixed(1)} % allowed`);
    assert.ok(percent > 3, "delegations that hardly ever allow anything");
  });
});
