import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { emptyConfiguration, type Configuration } from "../../src/domain/model.ts";
import type { Identity } from "../../src/domain/identity.ts";
import type { Steps } from "../../src/domain/steps.ts";
import { advanceStateInSteps } from "../../src/replica/change-state.ts";
import { runInTurns } from "../../src/replica/in-turns.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { bytes32, stateOf } from "./snapshot-file/support/states.ts";

function* steps(count: number, name: string, log: string[]): Steps<string> {
  for (let step = 0; step < count; step += 1) {
    log.push(`${name}${step}`);
    yield;
  }
  return name;
}

/** Counts the turns of the event loop, and does something in each, until it is told to stop. */
function countTurns(inTurn: () => void): { readonly stop: () => number } {
  let turns = 0;
  let goesOn = true;
  const turn = (): void => {
    if (!goesOn) return;
    turns += 1;
    inTurn();
    setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop: () => {
      goesOn = false;
      return turns;
    },
  };
}

describe("runInTurns", () => {
  it("gives what the work comes to, or what it throws", async () => {
    assert.equal(await runInTurns(steps(0, "a", [])), "a");
    assert.equal(await runInTurns(steps(3, "a", []), { slice: 0 }), "a");
    await assert.rejects(
      runInTurns(
        (function* fail(): Steps<void> {
          yield;
          throw new Error("broken");
        })(),
        { slice: 0 },
      ),
      { message: "broken" },
    );
  });

  it("does at once what takes less than a slice", async () => {
    const log: string[] = [];
    const work = runInTurns(steps(3, "a", log), { slice: Infinity });
    assert.deepEqual(log, ["a0", "a1", "a2"]);
    assert.equal(await work, "a");
  });

  it("goes no further once nobody wants the result", async () => {
    const log: string[] = [];
    const abort = new AbortController();
    const work = runInTurns(steps(3, "a", log), { slice: 0, signal: abort.signal });
    abort.abort(new Error("gone"));
    await assert.rejects(work, { message: "gone" });
    assert.deepEqual(log, ["a0"]);
  });

  it("lets everybody else have a turn after each slice, and one of several works go on in it", async () => {
    const log: string[] = [];
    const works = ["a", "b", "c"].map((name) => runInTurns(steps(3, name, log), { slice: 0 }));
    const turns = countTurns(() => log.push("|"));
    await Promise.all(works);
    turns.stop();
    assert.deepEqual(log.join(" ").split(" | ").slice(0, 6), [
      "a0 b0 c0 a1",
      "b1",
      "c1",
      "a2",
      "b2",
      "c2",
    ]);
  });
});

describe("a policy change of a fleet with many realms", () => {
  const permission = "swarming.pools.createTask";
  const ann = "user:ann@example.com" as Identity;
  const fleet: Configuration = {
    ...emptyConfiguration,
    roles: [{ name: "customRole/all", permissions: [permission], includes: [], unresolved: false }],
    projects: Array.from({ length: 60 }, (_, project) => ({
      name: `p${project.toString().padStart(2, "0")}`,
      customRoles: [],
      realms: Array.from({ length: 40 }, (_, realm) => ({
        name: `r${realm.toString().padStart(2, "0")}`,
        extends: [],
        bindings: ["role/swarming.poolUser", "role/swarming.poolOwner", "customRole/all"].map(
          (role) => ({
            role,
            principals: [
              ...Array.from({ length: 30 }, (_, group) => `group:g${realm}-${group}`).sort(),
              ...(role === "customRole/all" ? [ann] : []),
            ],
            conditions: [],
          }),
        ),
      })),
    })),
  };
  const has = (state: ReplicaState, realm: string): boolean =>
    state.snapshot.authDb.hasPermission(ann, permission, realm);

  it("leaves turns to others, who are answered from the state before until it is done", async () => {
    const state = stateOf(new Map([["main", fleet]]));
    const [role] = fleet.roles;
    const change = {
      kind: "role" as const,
      key: "customRole/all",
      before: role,
      after: { name: "customRole/all", permissions: [], includes: [], unresolved: false },
    };
    const revision = state.revision + 1n;
    const answers = new Set<boolean>();
    const turns = countTurns(() => answers.add(has(state, "p07:r31")));
    const next = await runInTurns(
      advanceStateInSteps(state, [
        { revision, hash: bytes32(revision), source: "main", items: [change] },
      ]),
    );
    assert.ok(turns.stop() > 5);
    assert.deepEqual([...answers], [true]);
    assert.equal(has(state, "p07:r31"), true);
    assert.equal(has(next, "p07:r31"), false);
  });
});
