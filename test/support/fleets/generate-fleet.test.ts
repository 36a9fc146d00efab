import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { ask } from "../../spec/ask.ts";
import { isIdentity, isPoolName, isRealmName } from "../../spec/names.ts";
import { countMemberships, generateFleet } from "./generate-fleet.ts";
import { generateQuestions } from "./generate-questions.ts";
import { fleetShapes, type FleetSize } from "./sizes.ts";

const sizes: readonly FleetSize[] = ["tiny", "small", "medium", "large"];

function fingerprint(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

describe("generateFleet", () => {
  for (const size of sizes) {
    test(`${size} has exactly as many memberships as it says`, () => {
      const { config } = generateFleet({ seed: 1, size });
      assert.equal(countMemberships(config), fleetShapes[size].memberships);
    });
  }

  test("the same seed makes the same fleet and questions, another one others", () => {
    const make = (seed: number): string => {
      const fleet = generateFleet({ seed, size: "small" });
      return fingerprint([fleet, generateQuestions(fleet, { seed, count: 100 })]);
    };
    assert.equal(make(7), make(7));
    assert.notEqual(make(7), make(8));
  });

  test("groups nest groups that exist, several levels deep and without cycles", () => {
    const { config } = generateFleet({ seed: 2, size: "medium" });
    const groups = new Map(config.groups?.map((group) => [group.name, group]));
    assert.equal(groups.size, config.groups?.length);
    const depth = (name: string, path: readonly string[]): number => {
      assert.ok(!path.includes(name), `cycle at ${name}`);
      const group = groups.get(name);
      assert.ok(group, `${name} is not a group`);
      const below = (group.nested ?? []).map((nested) => depth(nested, [...path, name]));
      return 1 + Math.max(0, ...below);
    };
    assert.ok(Math.max(...[...groups.keys()].map((name) => depth(name, []))) >= 4);
  });

  test("names are well-formed and members of a group distinct", () => {
    for (const size of ["tiny", "small", "medium"] as const) {
      const { config } = generateFleet({ seed: 3, size });
      for (const { name, members = [] } of config.groups ?? []) {
        const folded = members.map((member) => member.toLowerCase());
        assert.equal(new Set(folded).size, members.length, name);
        assert.ok(members.every(isIdentity), name);
      }
      for (const pool of config.pools ?? []) {
        assert.ok(isPoolName(pool.name) && isRealmName(pool.realm), pool.name);
      }
    }
  });
});

describe("generateQuestions", () => {
  for (const size of ["tiny", "small"] as const) {
    test(`a ${size} fleet permits some and denies some`, (context) => {
      const fleet = generateFleet({ seed: 4, size });
      const questions = generateQuestions(fleet, { seed: 5, count: 1_000 });
      const answers = questions.map((question) => ask(fleet.config, question).answer);
      const permitted = answers.filter((answer) => answer === "permitted").length;
      context.diagnostic(`${permitted} of ${answers.length} permitted`);
      assert.ok(!answers.includes("invalid"));
      assert.ok(permitted > 100 && permitted < 900, String(permitted));
    });
  }
});
