import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expandConfigurations } from "../../src/config/expand.ts";
import { atRevision } from "../../src/engine/snapshot.ts";
import { explainCheck } from "../../src/engine/inspect/explain.ts";
import { groupGiftsOf } from "../../src/engine/inspect/group-gifts.ts";
import { groupIndexOf } from "../../src/engine/inspect/group-index.ts";
import { createInspection, inspectionOf } from "../../src/replica/inspection.ts";
import { createReplicaState, type ReplicaState } from "../../src/replica/state.ts";
import { configureWorld, identity, snapshotOf } from "../conformance/support/engine-world.ts";

describe("the inspection of a snapshot", () => {
  const configuration = configureWorld({ groups: [{ name: "a" }] });
  const snapshot = snapshotOf([configuration]);
  const configurations = new Map([["main", configuration]]);
  const inspection = createInspection(snapshot, configurations);

  it("is made once", () => {
    assert.equal(createInspection(snapshot, configurations), inspection);
    assert.equal(inspection.snapshot, snapshot);
    assert.equal(inspection.provenance.sourceOfGroup("a"), "main");
  });

  it("goes on with the same provenance when a change leaves the configurations alone", () => {
    const later = createInspection(atRevision(snapshot, 2n), configurations);
    assert.equal(later.snapshot.revision, 2n);
    assert.equal(later.provenance, inspection.provenance);
    assert.equal(later.configuration, inspection.configuration);
  });

  it("begins anew with other configurations", () => {
    const others = new Map(configurations);
    const later = createInspection(snapshotOf([configuration]), others);
    assert.notEqual(later.provenance, inspection.provenance);
  });
});

describe("the inspection of a state", () => {
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
  const configurations = new Map([["main", configuration]]);

  function stateAt(revision: bigint, before?: ReplicaState, of = configurations): ReplicaState {
    const stored = {
      databaseId: "01234567-89ab-cdef-0123-456789abcdef",
      revision,
      chainHash: new Uint8Array(32),
      tokenKey: new Uint8Array(32),
      recentHashes: new Map(),
      configurations: of,
      sources: new Map(),
      apiKeys: [],
    };
    return createReplicaState(stored, before);
  }

  it("works with what the snapshot was made of, and expands nothing again", () => {
    const state = stateAt(1n);
    const inspection = inspectionOf(state);
    assert.equal(inspection.snapshot, state.snapshot);
    assert.equal(inspection.configuration, state.expanded);
    assert.equal(inspection.configuration.groups[0], configuration.groups[0]);
    assert.equal(inspectionOf(state), inspection);
    assert.deepEqual(inspection.configuration, expandConfigurations([configuration]));
  });

  it("builds nothing anew after a change of API keys only", () => {
    const state = stateAt(1n);
    const first = inspectionOf(state);
    const later = inspectionOf(stateAt(2n, state));
    assert.equal(later.snapshot.revision, 2n);
    assert.equal(later.configuration, first.configuration);
    assert.equal(later.provenance, first.provenance);
    assert.equal(groupIndexOf(later), groupIndexOf(first));
    assert.equal(groupGiftsOf(later), groupGiftsOf(first));
    const question = {
      check: "pool",
      permission: "swarming.pools.createTask",
      pool: "ci",
    } as const;
    const { revision, steps } = explainCheck(later, identity("user:ann@x.com"), question);
    assert.equal(revision, 2n);
    assert.deepEqual(steps, explainCheck(first, identity("user:ann@x.com"), question).steps);
  });

  it("begins anew after a change of the configuration", () => {
    const state = stateAt(1n);
    const later = inspectionOf(stateAt(2n, state, new Map(configurations)));
    assert.notEqual(later.configuration, inspectionOf(state).configuration);
    assert.notEqual(groupIndexOf(later), groupIndexOf(inspectionOf(state)));
  });
});
