import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Project } from "../../../src/domain/model.ts";
import { group } from "../world.ts";
import { ann, createTask, explainAmong, inPool, inPools } from "./explain-world.ts";

const role = "role/swarming.poolUser";

/** A project `p` in whose `@root` the principal may create tasks, with so many realms. */
function project(principal: string, realmCount: number): Project {
  const names = Array.from({ length: realmCount }, (_, index) => `r${index}`);
  return {
    name: "p",
    customRoles: [],
    realms: [
      { name: "@root", extends: [], bindings: [{ role, principals: [principal], conditions: [] }] },
      ...names.map((name) => ({ name, extends: [], bindings: [] })),
    ],
  };
}

function pools(
  count: number,
): readonly { name: string; realm: string; defaultTaskRealm: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `r${index}`,
    realm: `p:r${index}`,
    defaultTaskRealm: "",
  }));
}

describe("explanations at scale", () => {
  const length = 100_000;
  const nested = Array.from({ length }, (_, index) =>
    group(`g${index}`, { nested: [`g${(index + 1) % length}`] }),
  );

  it("go through a cycle of 100,000 nested groups", () => {
    const groups = nested.with(
      length - 1,
      group(`g${length - 1}`, { members: [ann], nested: ["g0"] }),
    );
    const fleet = { projects: [project("group:g0", 1)], pools: pools(1) };
    const { steps } = explainAmong(groups, fleet, ann, inPool("r0"));
    assert.equal(steps.at(-1)?.witness?.memberships.length, length);
  });

  it("size a grant through 100,000 nested groups", () => {
    const fleet = { projects: [project(`group:g${length - 1}`, 1)], pools: pools(1) };
    const { grants } = explainAmong(nested, fleet, ann, inPool("r0"));
    // Both the realm and `@root`, and in the cycle every group is in every other.
    assert.deepEqual(
      grants.map(({ size }) => size),
      [1, 2],
    );
  });

  it("take 10,000 pools in as many realms", () => {
    const count = 10_000;
    const names = pools(count).map(({ name }) => name);
    const groups = [group("a"), group("b", { members: [ann] })];
    const closed = { projects: [project("group:a", count)], pools: pools(count) };
    const open = { projects: [project("group:b", count)], pools: pools(count) };
    const all = explainAmong(groups, closed, ann, inPools("all_pools", names));
    assert.deepEqual(
      all.grants.map(({ changes, size }) => [changes.length, size]),
      [[1, count + 1]],
    );
    const any = explainAmong(groups, closed, ann, inPools("any_pools", names));
    assert.equal(any.steps.length, count + 1);
    assert.equal(any.grants.length, 10);
    const left = explainAmong(groups, open, ann, inPools("filter_pools", names, createTask));
    assert.equal(left.pools.length, count);
  });
});
