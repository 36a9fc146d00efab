import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { largeGroup, makeWorld } from "../../../bench/live/world.ts";

describe("makeWorld", () => {
  const world = makeWorld(1, "small");
  const names = new Set(world.groups.flatMap(({ kind, key }) => (kind === "group" ? [key] : [])));

  test("has memberships without doubles, of groups that it has", () => {
    const keys = world.memberships.map(({ group, identity }) => `${group} ${identity}`);
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(keys.length >= 1_000);
    for (const { group } of world.memberships) assert.ok(names.has(group), group);
  });

  test("makes every tenth membership one of the large group, in each beginning", () => {
    for (const count of [10, 100, 1_000]) {
      const some = world.memberships.slice(0, count);
      assert.equal(some.filter(({ group }) => group === largeGroup).length, count / 10);
    }
  });

  test("spreads each beginning over many groups", () => {
    const some = world.memberships.slice(0, 200);
    assert.ok(new Set(some.map(({ group }) => group)).size > 20);
  });

  test("makes the same of the same seed", () => {
    assert.deepEqual(makeWorld(1, "small"), world);
    assert.notDeepEqual(makeWorld(2, "small").memberships, world.memberships);
  });
});
