import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  advanceSnapshot,
  branchSnapshot,
  createSnapshot,
  type Snapshot,
} from "../../src/engine/snapshot.ts";
import type { EngineWarning } from "../../src/engine/warnings.ts";
import { changeMember, create, deletion, just, removeNested } from "./make-changes.ts";
import { bind, group, id, input, realm } from "./world.ts";

const permission = "swarming.tasks.get";

describe("a snapshot that is advanced", () => {
  const ann = id("user:ann@x.com");
  const bound = input({
    realms: [realm("p:r", bind(permission, ["group:later"]))],
    groups: [group("team", { members: [ann] })],
  });
  const created = create("later", { nested: ["team"] });

  it("lets a binding count at once for a group that comes, goes and comes again", () => {
    const first = createSnapshot(bound);
    const has = ({ authDb }: Snapshot): boolean => authDb.hasPermission(ann, permission, "p:r");
    assert.equal(has(first), false);
    const second = advanceSnapshot(first, { revision: 2n, groupChanges: created });
    assert.equal(has(second), true);
    const gone = [...just(deletion("later")), ...just(removeNested("later", "team"))];
    const third = advanceSnapshot(second, { revision: 3n, groupChanges: gone });
    assert.equal(has(third), false);
    const fourth = advanceSnapshot(third, { revision: 4n, groupChanges: created });
    assert.equal(has(fourth), true);
    assert.deepEqual([first, second, third].map(has), [false, true, false]);
    assert.deepEqual(
      [first, second, third, fourth].map(({ revision }) => revision),
      [1n, 2n, 3n, 4n],
    );
  });

  it("takes over everything but the groups when there is no policy", () => {
    const first = createSnapshot(bound);
    for (const make of [advanceSnapshot, branchSnapshot]) {
      const next = make(first, { revision: 2n, groupChanges: created });
      assert.equal(next.realms, first.realms);
      assert.equal(next.fleet, first.fleet);
      assert.equal(next.delegations, first.delegations);
      assert.equal(next.permissions, first.permissions);
      assert.notEqual(next.groups, first.groups);
      assert.equal(make(first, { revision: 2n, groupChanges: [] }).groups, first.groups);
    }
  });

  it("has the new policy on the groups that are there then", () => {
    const first = createSnapshot(bound);
    const policy = input({ realms: [realm("p:s", bind(permission, ["group:later"]))] });
    const next = advanceSnapshot(first, { revision: 2n, groupChanges: created, policy });
    assert.equal(next.authDb.hasPermission(ann, permission, "p:s"), true);
    assert.equal(next.authDb.hasPermission(ann, permission, "p:r"), false);
    assert.equal(first.authDb.hasPermission(ann, permission, "p:s"), false);
  });

  it("warns of an unknown group once in a policy, of one that goes while it is nested, and in a branch of none", () => {
    const warnings: EngineWarning[] = [];
    const first = createSnapshot(bound, (warning) => warnings.push(warning));
    assert.deepEqual(warnings.splice(0), [{ kind: "unknown_group", name: "later" }]);
    const teamless = [...just(changeMember("team", ann, undefined)), ...just(deletion("team"))];
    const imagined = branchSnapshot(first, {
      revision: 2n,
      groupChanges: [...created, ...teamless],
      policy: bound,
    });
    assert.equal(imagined.authDb.isMember(ann, "nobody"), false);
    assert.deepEqual(warnings, []);
    const second = advanceSnapshot(first, { revision: 2n, groupChanges: created });
    assert.equal(second.authDb.isMember(ann, "later"), true);
    assert.deepEqual(warnings, []);
    const third = advanceSnapshot(second, { revision: 3n, groupChanges: teamless });
    assert.deepEqual(warnings.splice(0), [{ kind: "unknown_group", name: "team" }]);
    third.authDb.isMember(ann, "team");
    assert.deepEqual(warnings, []);
  });
});
