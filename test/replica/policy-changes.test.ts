import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { expandPolicies } from "../../src/config/expand.ts";
import { diffEntities, toEntities } from "../../src/config/entities.ts";
import type { EntityChange } from "../../src/domain/entity.ts";
import { policyFromEntities, type PolicyEntities } from "../../src/config/from-entities.ts";
import type { Policy } from "../../src/domain/policy.ts";
import { finish, type Steps } from "../../src/domain/steps.ts";
import {
  computeEffects,
  computeEffectsInSteps,
  countEffects,
} from "../../src/engine/effects/compute-effects.ts";
import { isGroupChange } from "../../src/engine/group-graph.ts";
import { branchSnapshot, type Snapshot } from "../../src/engine/snapshot.ts";
import {
  advanceStateInSteps,
  branchStateInSteps,
  type StateChange,
} from "../../src/replica/change-state.ts";
import { configurationsOf } from "../../src/replica/configurations.ts";
import { inspectionOf } from "../../src/replica/inspection.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { arbitraryQuestions } from "../conformance/support/arbitrary-question.ts";
import { arbitraryWorld } from "../conformance/support/arbitrary-world.ts";
import { askEngine, configureWorld } from "../conformance/support/engine-world.ts";
import type { Question } from "../spec/question.ts";
import type { World } from "../spec/world.ts";
import { bytes32, stateOf } from "./snapshot-file/support/states.ts";

/** What changes come or stay away together: a project, all of a kind that depends on its like, or an entity. */
function unitOf({ kind, key, before, after }: EntityChange): string {
  const body = after ?? before;
  if (body !== undefined && "project" in body) return `project ${body.project}`;
  if (kind.startsWith("group")) return "groups";
  if (kind === "settings" || kind === "delegation") return "settings";
  return kind === "bot_group" ? kind : `${kind} ${key}`;
}

/** Some of the changes that lead to a world: so every kind of entity changes while others stay. */
function changesTo(
  state: ReplicaState,
  world: World,
  isWanted: (unit: string) => boolean,
): readonly EntityChange[] {
  const before = configurationsOf(state).get("main");
  assert.ok(before);
  const changes = diffEntities(toEntities(before), toEntities(configureWorld(world)));
  return changes.filter((change) => isWanted(unitOf(change)));
}

function changeOf({ revision }: ReplicaState, items: readonly EntityChange[]): StateChange {
  return { revision: revision + 1n, hash: bytes32(revision + 1n), source: "main", items };
}

function answersOf(snapshot: Snapshot, questions: readonly Question[]): readonly unknown[] {
  return questions.map((question) => askEngine(snapshot, question));
}

/** The policy of a state after changes, put together from all entities one by one. */
function policyAfter(state: ReplicaState, changes: readonly EntityChange[]): Policy {
  const bodies = new Map<string, Map<string, unknown>>();
  const ofKind = (kind: string): Map<string, unknown> => {
    const known = bodies.get(kind) ?? new Map<string, unknown>();
    bodies.set(kind, known);
    return known;
  };
  const policy = state.policies.get("main");
  assert.ok(policy);
  for (const { kind, key, body } of toEntities({ ...policy, groups: [] })) {
    ofKind(kind).set(key, body);
  }
  for (const { kind, key, after } of changes) {
    if (after === undefined) ofKind(kind).delete(key);
    else ofKind(kind).set(key, after);
  }
  const all = new Proxy({}, { get: (_, kind) => ofKind(String(kind)) });
  return policyFromEntities(all as PolicyEntities);
}

/** A state that is made of what another one holds, by nothing that was there before. */
function afresh(state: ReplicaState): ReplicaState {
  return stateOf(structuredClone(configurationsOf(state)), { revision: state.revision });
}

const rounds = fc.array(
  fc.record({
    world: arbitraryWorld,
    isWanted: fc.func(fc.boolean()),
    /** Which of the works that are under way goes on. */
    isAdvance: fc.func(fc.boolean()),
  }),
  { minLength: 1, maxLength: 5 },
);

describe("a policy that changes in steps", () => {
  it("comes to the state that is made afresh, and to one that is made at one go", () => {
    let shared = 0;
    fc.assert(
      fc.property(arbitraryWorld, rounds, arbitraryQuestions(30), (first, later, questions) => {
        let state = stateOf(new Map([["main", configureWorld(first)]]));
        for (const { world, isWanted } of later) {
          const items = changesTo(state, world, isWanted);
          if (items.length === 0) continue;
          const held = state;
          const told = answersOf(held.snapshot, questions);
          const atOneGo = finish(branchStateInSteps(held, [changeOf(held, items)]));
          state = finish(advanceStateInSteps(held, [changeOf(held, items)]));
          const fresh = afresh(state);
          const policy = policyAfter(held, items);
          assert.deepEqual(state.policies.get("main"), policy);
          assert.deepEqual(atOneGo.policies.get("main"), policy);
          assert.deepEqual(state.policies, fresh.policies);
          assert.deepEqual(state.expanded, fresh.expanded);
          const answers = answersOf(fresh.snapshot, questions);
          assert.deepEqual(answersOf(state.snapshot, questions), answers);
          assert.deepEqual(answersOf(atOneGo.snapshot, questions), answers);
          assert.deepEqual(answersOf(held.snapshot, questions), told);
          const realms = new Set(held.snapshot.realms.all());
          for (const realm of state.snapshot.realms.all()) if (realms.has(realm)) shared += 1;
        }
      }),
      { numRuns: 80 },
    );
    assert.ok(shared > 100, `${shared} realms were taken over`);
  });

  it("has the effects that it has when nothing is taken over from the policy before", () => {
    let affected = 0;
    fc.assert(
      fc.property(arbitraryWorld, rounds, (first, later) => {
        const before = stateOf(new Map([["main", configureWorld(first)]]));
        for (const { world, isWanted } of later) {
          const items = changesTo(before, world, isWanted);
          const after = finish(branchStateInSteps(before, [changeOf(before, items)]));
          const expanded = expandPolicies(after.policies.values());
          const groupChanges = items
            .filter(isGroupChange)
            .map((change) => ({ change, revision: after.revision, managedBy: "main" }));
          const { revision } = after;
          const snapshot = branchSnapshot(before.snapshot, {
            revision,
            groupChanges,
            policy: expanded,
          });
          const anew = inspectionOf({ ...after, expanded, snapshot });
          const input = {
            before: inspectionOf(before),
            after: inspectionOf(after),
            changes: items,
          };
          const expected = computeEffects({ ...input, after: anew, summaryOnly: false });
          const found = finish(computeEffectsInSteps({ ...input, summaryOnly: false }));
          assert.deepEqual(found, expected);
          const { gained, lost } = expected;
          assert.deepEqual(countEffects(input), { gained, lost });
          affected += found.effects.length;
        }
      }),
      { numRuns: 80 },
    );
    assert.ok(affected > 500, `${affected} effects`);
  });

  it("leaves the state before as it is at every step, with a plan on it that goes on at the same time", () => {
    fc.assert(
      fc.property(arbitraryWorld, rounds, arbitraryQuestions(8), (first, later, questions) => {
        let state = stateOf(new Map([["main", configureWorld(first)]]));
        for (const [at, { world, isWanted, isAdvance }] of later.entries()) {
          const items = changesTo(state, world, isWanted);
          const others = changesTo(state, later[at - 1]?.world ?? first, (unit) => !isWanted(unit));
          if (items.length === 0 || others.length === 0) continue;
          const held = state;
          const told = answersOf(held.snapshot, questions);
          const planned = afresh(finish(branchStateInSteps(held, [changeOf(held, others)])));
          const works = [
            branchStateInSteps(held, [changeOf(held, others)]),
            advanceStateInSteps(held, [changeOf(held, items)]),
          ] as const;
          const [plan, next] = mixed(works, isAdvance, (step) => {
            const question = questions[step % questions.length];
            assert.ok(question);
            assert.deepEqual(
              askEngine(held.snapshot, question),
              told[step % questions.length],
              `at step ${step}`,
            );
          });
          assert.deepEqual(answersOf(held.snapshot, questions), told);
          assert.deepEqual(
            answersOf(plan.snapshot, questions),
            answersOf(planned.snapshot, questions),
          );
          assert.deepEqual(
            answersOf(next.snapshot, questions),
            answersOf(afresh(next).snapshot, questions),
          );
          state = next;
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** Does two works at a time. */
function mixed<T>(
  [left, right]: readonly [Steps<T>, Steps<T>],
  isRight: (step: number) => boolean,
  look: (step: number) => void,
): readonly [T, T] {
  const results: T[] = [];
  const isDone = [false, false];
  for (let step = 0; !isDone[0] || !isDone[1]; step += 1) {
    const which = isDone[0] || (!isDone[1] && isRight(step)) ? 1 : 0;
    const result = (which === 1 ? right : left).next();
    if (result.done === true) {
      results[which] = result.value;
      isDone[which] = true;
    }
    look(step);
  }
  return [results[0] as T, results[1] as T];
}
