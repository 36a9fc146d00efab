import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandPolicies } from "../../src/config/expand.ts";
import type { EntityChange } from "../../src/domain/entity.ts";
import { explainCheck } from "../../src/engine/inspect/explain.ts";
import { groupGiftsOf } from "../../src/engine/inspect/group-gifts.ts";
import { groupIndexOf } from "../../src/engine/inspect/group-index.ts";
import { advanceState } from "../../src/replica/change-state.ts";
import { inspectionOf } from "../../src/replica/inspection.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { configureWorld, identity } from "../conformance/support/engine-world.ts";
import { makeKey } from "../rpc/support/keys.ts";
import { createState } from "../rpc/support/world.ts";

const configuration = configureWorld({
  groups: [
    { name: "a", members: ["user:ann@x.com"] },
    { name: "b", nested: ["a"] },
  ],
  projects: [
    {
      name: "p",
      realms: [
        {
          name: "r",
          bindings: [{ role: "role/swarming.poolUser", principals: ["group:b"] }],
        },
      ],
    },
  ],
  pools: [{ name: "ci", realm: "p:r" }],
});

function later(state: ReplicaState, source: string | undefined, item: EntityChange): ReplicaState {
  const revision = state.revision + 1n;
  return advanceState(state, [{ revision, hash: new Uint8Array(32), source, items: [item] }]);
}

describe("the inspection of a state", () => {
  it("works with what the snapshot was made of, and expands nothing again", () => {
    const state = createState(configuration, 1n);
    const inspection = inspectionOf(state);
    assert.equal(inspection.snapshot, state.snapshot);
    assert.equal(inspection.configuration, state.expanded);
    assert.equal(inspectionOf(state), inspection);
    assert.deepEqual(inspection.configuration, expandPolicies([configuration]));
  });

  it("knows the source of a group: of one edited by hand it is empty, of an unknown one nothing", () => {
    const before = createState(configuration, 1n);
    const after = { name: "c", description: "", owners: "administrators" };
    const state = later(before, undefined, { kind: "group", key: "c", before: undefined, after });
    const { provenance } = inspectionOf(state);
    assert.equal(provenance.sourceOfGroup("a"), "main");
    assert.equal(provenance.sourceOfGroup("c"), "");
    assert.equal(provenance.sourceOfGroup("d"), undefined);
  });

  it("builds nothing anew after a change of API keys only", () => {
    const state = createState(configuration, 1n);
    const first = inspectionOf(state);
    const { body } = makeKey("user:new@x.com");
    const after = inspectionOf(
      later(state, undefined, { kind: "api_key", key: body.id, before: undefined, after: body }),
    );
    assert.equal(after.snapshot.revision, 2n);
    assert.equal(after.configuration, first.configuration);
    assert.equal(groupIndexOf(after), groupIndexOf(first));
    assert.equal(groupGiftsOf(after), groupGiftsOf(first));
    const question = {
      check: "pool",
      permission: "swarming.pools.createTask",
      pool: "ci",
    } as const;
    const { revision, steps } = explainCheck(after, identity("user:ann@x.com"), question);
    assert.equal(revision, 2n);
    assert.deepEqual(steps, explainCheck(first, identity("user:ann@x.com"), question).steps);
  });

  it("expands no policy again after a change of a group, and has its groups anew", () => {
    const state = createState(configuration, 1n);
    const before = groupIndexOf(inspectionOf(state));
    const member = "user:bob@x.com";
    const changed = later(state, "main", {
      kind: "group_member",
      key: `a ${member}`,
      before: undefined,
      after: { group: "a", member },
    });
    assert.equal(inspectionOf(changed).configuration, inspectionOf(state).configuration);
    assert.notEqual(groupIndexOf(inspectionOf(changed)), before);
    assert.equal(changed.snapshot.authDb.isMember(identity(member), "b"), true);
  });

  it("begins anew after a change of a policy", () => {
    const state = createState(configuration, 1n);
    const pool = { name: "ci", realm: "p:r", defaultTaskRealm: "" };
    const changed = later(state, "main", {
      kind: "pool",
      key: "ci",
      before: pool,
      after: { ...pool, realm: "p:other" },
    });
    assert.notEqual(inspectionOf(changed).configuration, inspectionOf(state).configuration);
    assert.equal(changed.snapshot.fleet.realmOfPool("ci"), "p:other");
  });
});
