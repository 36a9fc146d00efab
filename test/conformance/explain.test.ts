import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Explanation, Step } from "../../src/engine/inspect/explanation.ts";
import type { Inspection } from "../../src/engine/inspect/inspection.ts";
import { ask } from "../spec/ask.ts";
import { stepsOf } from "../spec/explain.ts";
import { callerOf, isWellFormed, type Question } from "../spec/question.ts";
import { faultsOfWitness, fewestMemberships, type Sources } from "../spec/witness.ts";
import type { World } from "../spec/world.ts";
import { generateFleet } from "../support/fleets/generate-fleet.ts";
import { generateQuestions } from "../support/fleets/generate-questions.ts";
import { arbitraryQuestions } from "./support/arbitrary-question.ts";
import { arbitraryConditionalWorld, arbitraryWorld } from "./support/arbitrary-world.ts";
import { askEngine, configureSources, type SourceFiles } from "./support/engine-world.ts";
import { assertSeen, count, hasSeen, type Counts } from "./support/counts.ts";
import { explain, inspectConfigurations, inspectWorld } from "./support/explain-world.ts";
import { shuffleWorld, splitWorld } from "./support/rearrange-world.ts";
import { chooseSeed } from "./support/tally.ts";

const ofMain: Sources = { ofGroup: () => "main", ofProject: () => "main" };

/** Asserts that an explanation says what the spec and the engine answer, and why. */
function assertExplains(
  world: World,
  inspection: Inspection,
  sources: Sources,
  question: Question,
  counts: Counts,
): Explanation {
  const explanation = explain(inspection, question);
  const expected = ask(world, question);
  assert.deepEqual(askEngine(inspection.snapshot, question), expected);
  const { decision, pools } = explanation;
  if (expected.answer === "filtered") {
    assert.equal(decision.permitted, true);
    assert.deepEqual(pools, expected.pools);
  } else {
    assert.equal(decision.permitted, expected.answer === "permitted");
    assert.deepEqual(pools, []);
  }
  assert.deepEqual(explanation.steps.map(plainStep), stepsOf(world, question));
  for (const step of explanation.steps) {
    count(counts, step.result);
    assertProves(world, sources, callerOf(question), step, counts);
  }
  return explanation;
}

function plainStep({ kind, result, permission, pool, realm, answeringRealm }: Step): object {
  return { kind, result, permission, pool, realm, answeringRealm };
}

function assertProves(
  world: World,
  sources: Sources,
  caller: string,
  step: Step,
  counts: Counts,
): void {
  const { witness, permission, answeringRealm } = step;
  assert.equal(witness !== undefined, step.result === "permitted");
  if (witness === undefined) return;
  if (step.kind === "submitter") {
    assert.deepEqual(witness, { memberships: [], settings: [], binding: undefined });
    return;
  }
  const proven = { caller, permission, answeringRealm };
  assert.deepEqual(faultsOfWitness(world, sources, proven, witness), []);
  assert.equal(
    witness.memberships.length,
    fewestMemberships(world, proven),
    "a shorter one exists",
  );
  count(counts, `${Math.min(witness.memberships.length, 3)} memberships`);
}

const results = [
  "permitted",
  "not_submitter",
  "no_server_level",
  "not_in_groups",
  "undeclared_permission",
  "unknown_pool",
  "undefined_realm",
  "not_bound",
  "not_a_principal",
  "conditional",
];

describe("an explanation says what the check answers, and a shortest proof of it", () => {
  test("in random worlds", (context) => {
    const counts: Counts = new Map();
    const worlds = fc.oneof(arbitraryWorld, arbitraryConditionalWorld);
    const property = fc.property(worlds, arbitraryQuestions(30), (world, questions) => {
      const inspection = inspectWorld(world);
      for (const question of questions.filter(isWellFormed)) {
        assertExplains(world, inspection, ofMain, question, counts);
      }
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 180 });
    context.diagnostic(JSON.stringify([...counts]));
    assertSeen(counts, [...results, "0 memberships", "1 memberships", "2 memberships"], 20);
  });

  test("with the sources, and the same whatever the order of lists, files and sources", (context) => {
    const property = fc.property(
      arbitraryWorld,
      fc.nat(),
      arbitraryQuestions(20),
      (world, seed, questions) => {
        const parts = splitWorld(shuffleWorld(world, seed), seed);
        const inspection = inspectConfigurations(configureSources(parts));
        const again = inspectConfigurations(configureSources(splitWorld(world, seed)));
        const sources = sourcesOf(parts);
        for (const question of questions.filter(isWellFormed)) {
          const explanation = assertExplains(world, inspection, sources, question, new Map());
          const other = explain(again, question);
          assert.deepEqual(withoutSources(explanation), withoutSources(other));
        }
      },
    );
    fc.assert(property, { seed: chooseSeed(context), numRuns: 100 });
  });

  test("in realistic fleets", (context) => {
    const first = chooseSeed(context);
    const counts: Counts = new Map();
    const wanted = ["permitted", "not_a_principal", "1 memberships", "2 memberships"];
    // Few proofs need two memberships: a hundred questions may have none, or ten.
    for (let seed = first; seed < first + 4 || !hasSeen(counts, wanted, 5); seed += 1) {
      assert.ok(seed < first + 40, JSON.stringify([...counts]));
      const fleet = generateFleet({ seed, size: "small" });
      const inspection = inspectWorld(fleet.config);
      for (const question of generateQuestions(fleet, { seed, count: 100 }).filter(isWellFormed)) {
        assertExplains(fleet.config, inspection, ofMain, question, counts);
      }
    }
    context.diagnostic(JSON.stringify([...counts]));
  });
});

function sourcesOf(parts: readonly SourceFiles[]): Sources {
  const find = (list: "groups" | "projects", wanted: string): string => {
    const part = parts.find(({ files }) =>
      files.some((file) => (file[list] ?? []).some(({ name }) => name === wanted)),
    );
    return part?.source ?? "nobody";
  };
  return {
    ofGroup: (name) => find("groups", name),
    ofProject: (name) => find("projects", name),
  };
}

function withoutSources(explanation: Explanation): unknown {
  return JSON.parse(
    JSON.stringify(explanation, (key, value: unknown) => {
      if (key === "source") return "";
      return typeof value === "bigint" ? value.toString() : value;
    }),
  );
}
