import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { maxGrants, type Explanation } from "../../src/engine/inspect/explanation.ts";
import { ask } from "../spec/ask.ts";
import { applyChanges, type ChangeClaim } from "../spec/grant.ts";
import { callerOf, isWellFormed, type Question } from "../spec/question.ts";
import { hasPermission } from "../spec/realms.ts";
import type { World } from "../spec/world.ts";
import { generateFleet } from "../support/fleets/generate-fleet.ts";
import { generateQuestions } from "../support/fleets/generate-questions.ts";
import { boundPermissions, builtInPermissions, identities } from "./support/alphabets.ts";
import { arbitraryQuestions } from "./support/arbitrary-question.ts";
import { arbitraryWorld } from "./support/arbitrary-world.ts";
import { assertSeen, count, type Counts } from "./support/counts.ts";
import { askEngine, loadWorld } from "./support/engine-world.ts";
import { explain, inspectWorld } from "./support/explain-world.ts";
import { chooseSeed } from "./support/tally.ts";

describe("each grant of a denial is enough, and needs all of its changes", () => {
  test("in random worlds", (context) => {
    const counts: Counts = new Map();
    const property = fc.property(arbitraryWorld, arbitraryQuestions(10), (world, questions) => {
      const inspection = inspectWorld(world);
      for (const question of questions.filter(isWellFormed)) {
        assertGrants(world, question, explain(inspection, question), counts);
      }
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 100 });
    context.diagnostic(JSON.stringify([...counts]));
    assertSeen(counts, ["add_member", "bind", "bind in a new realm", "no grant"], 10);
    assertSeen(counts, ["bind a new role"], 1);
  });

  test("in all of several pools of random worlds", (context) => {
    const counts: Counts = new Map();
    const asked = fc.array(
      fc.tuple(
        fc.constantFrom(...identities),
        fc.constantFrom(...boundPermissions),
        fc.array(fc.nat(), { minLength: 2, maxLength: 5 }),
      ),
      { minLength: 4, maxLength: 4 },
    );
    const property = fc.property(arbitraryWorld, asked, (world, questions) => {
      const known = (world.pools ?? []).map(({ name }) => name);
      fc.pre(known.length > 1);
      const inspection = inspectWorld(world);
      for (const [caller, permission, picks] of questions) {
        const pools = picks.map((pick) => known[pick % known.length] ?? "");
        const question = { check: "all_pools" as const, caller, permission, pools };
        assertGrants(world, question, explain(inspection, question), counts);
      }
    });
    fc.assert(property, { seed: chooseSeed(context), numRuns: 200 });
    context.diagnostic(JSON.stringify([...counts]));
    assertSeen(counts, ["group and bindings", "several bindings"], 5);
  });

  test("in realistic fleets", (context) => {
    const first = chooseSeed(context);
    const counts: Counts = new Map();
    for (let seed = first; seed < first + 10; seed += 1) {
      const fleet = generateFleet({ seed, size: "tiny" });
      const inspection = inspectWorld(fleet.config);
      for (const question of generateQuestions(fleet, { seed, count: 15 }).filter(isWellFormed)) {
        assertGrants(fleet.config, question, explain(inspection, question), counts);
      }
    }
    context.diagnostic(JSON.stringify([...counts]));
    assertSeen(counts, ["add_member", "bind"], 10);
  });
});

function assertGrants(
  world: World,
  question: Question,
  { decision, grants }: Explanation,
  counts: Counts,
): void {
  if (decision.permitted) {
    assert.deepEqual(grants, []);
    return;
  }
  assert.equal(grants.length > 0, isGrantable(world, question), JSON.stringify(question));
  if (grants.length === 0) count(counts, "no grant");
  assert.ok(grants.length <= maxGrants);
  const sizes = grants.map(({ size }) => size);
  assert.deepEqual(
    sizes,
    sizes.toSorted((left, right) => left - right),
  );
  assert.equal(new Set(grants.map(({ changes }) => JSON.stringify(changes))).size, grants.length);
  for (const { changes, size } of grants) {
    const after = applyChanges(world, changes);
    assert.deepEqual(ask(after, question), { answer: "permitted" }, JSON.stringify(changes));
    assert.deepEqual(askEngine(loadWorld(after), question), { answer: "permitted" });
    for (const change of changes) {
      countChange(counts, change);
      const others = changes.filter((other) => other !== change);
      assert.deepEqual(ask(applyChanges(world, others), question), { answer: "denied" });
    }
    if (changes.length > 1) count(counts, mixOf(changes));
    const given = pairsOf(after, callerOf(question), after);
    const had = pairsOf(world, callerOf(question), after);
    assert.ok(given - had <= size, `gives ${given - had} pairs, and says ${size} at most`);
  }
}

function countChange(counts: Counts, change: ChangeClaim): void {
  count(counts, change.kind);
  if (change.kind !== "bind") return;
  if (change.createRealm) count(counts, "bind in a new realm");
  if (change.createRoleWith.length > 0) count(counts, "bind a new role");
}

function mixOf(changes: readonly ChangeClaim[]): string {
  if (changes.every(({ kind }) => kind === "bind")) return "several bindings";
  const isGroups = changes.every(({ kind }) => kind === "add_member");
  return isGroups ? "several groups" : "group and bindings";
}

/** Whether anything that a grant can do would allow: found by trying, not by the rules of grants. */
function isGrantable(world: World, question: Question): boolean {
  const member = callerOf(question);
  const tries = (world.groups ?? []).map(({ name }) => [
    { kind: "add_member" as const, group: name, member },
  ]);
  const all: World = {
    ...world,
    projects: (world.projects ?? []).map((project) => ({
      ...project,
      custom_roles: [
        ...(project.custom_roles ?? []),
        { name: "customRole/everything", permissions: [...declaredPermissions(world)] },
      ],
      realms: [
        ...(project.realms ?? []).filter(({ name }) => name !== "@root"),
        {
          name: "@root",
          bindings: [{ role: "customRole/everything", principals: [member] }],
        },
      ],
    })),
  };
  return (
    ask(all, question).answer === "permitted" ||
    tries.some((changes) => ask(applyChanges(world, changes), question).answer === "permitted")
  );
}

function declaredPermissions(world: World): readonly string[] {
  return [...builtInPermissions, ...(world.permissions ?? []).map(({ name }) => name)];
}

/** How many pairs of a permission and a place somebody has; the places are those of another world. */
function pairsOf(world: World, caller: string, places: World): number {
  const realms = (places.projects ?? []).flatMap((project) =>
    [...new Set(["@root", ...(project.realms ?? []).map(({ name }) => name)])].map(
      (name) => `${project.name}:${name}`,
    ),
  );
  let pairs = 0;
  for (const permission of declaredPermissions(world)) {
    const server = ask(world, { check: "server", caller, permission });
    if (server.answer === "permitted") pairs += 1;
    for (const realm of realms) if (hasPermission(world, caller, permission, realm)) pairs += 1;
  }
  return pairs;
}
