import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  advanceSnapshot,
  branchSnapshot,
  createSnapshot,
  type Snapshot,
} from "../../src/engine/snapshot.ts";
import type { EngineWarning } from "../../src/engine/warnings.ts";
import { create } from "./make-changes.ts";
import { bind, group, id, input, realm } from "./world.ts";

const permission = "swarming.tasks.get";
const ann = id("user:ann@x.com");

describe("a policy that has realms of the policy before", () => {
  const same = realm("p:same", bind(permission, ["group:team", "group:ghost", "nonsense"]));
  const first = input({
    realms: [same, realm("p:other", bind(permission, ["group:team"]))],
    groups: [group("team", { members: [ann] })],
  });
  const second = input({ realms: [same, realm("p:other", bind(permission, ["group:new"]))] });
  const has = ({ authDb }: Snapshot, name: string): boolean =>
    authDb.hasPermission(ann, permission, name);

  it("takes over those that are the same objects, and no others", () => {
    const before = createSnapshot(first);
    const after = advanceSnapshot(before, { revision: 2n, groupChanges: [], policy: second });
    const compiled = (snapshot: Snapshot, name: string) => snapshot.realms.findRealm(name);
    assert.equal(compiled(after, "p:same"), compiled(before, "p:same"));
    assert.notEqual(compiled(after, "p:other"), compiled(before, "p:other"));
    assert.deepEqual(
      [before, after].map((snapshot) => [has(snapshot, "p:same"), has(snapshot, "p:other")]),
      [
        [true, true],
        [true, false],
      ],
    );
  });

  it("warns of what they name as if they were new", () => {
    const warnings: EngineWarning[] = [];
    const before = createSnapshot(first, (warning) => warnings.push(warning));
    const told = warnings.splice(0);
    assert.deepEqual(told, [
      { kind: "unknown_group", name: "ghost" },
      { kind: "malformed_principal", name: "p:same" },
    ]);
    advanceSnapshot(before, { revision: 2n, groupChanges: [], policy: second });
    assert.deepEqual(warnings, [...told, { kind: "unknown_group", name: "new" }]);
  });

  it("does not take over what a plan made of them: its numbers of groups are its own", () => {
    const before = createSnapshot(input({ groups: [group("team", { members: [ann] })] }));
    const plan = branchSnapshot(before, {
      revision: 2n,
      groupChanges: create("planned"),
      policy: first,
    });
    assert.equal(has(plan, "p:same"), true);
    const later = advanceSnapshot(before, {
      revision: 2n,
      groupChanges: create("ghost", { nested: ["team"] }),
      policy: input({ realms: [realm("p:r", bind(permission, ["group:another"]))] }),
    });
    const next = advanceSnapshot(later, {
      revision: 3n,
      groupChanges: [],
      policy: input({ realms: [realm("p:g", bind(permission, ["group:ghost"])), same] }),
    });
    assert.equal(has(next, "p:g"), true);
    assert.equal(has(next, "p:same"), true);
    assert.notEqual(next.realms.findRealm("p:same"), plan.realms.findRealm("p:same"));
  });
});
