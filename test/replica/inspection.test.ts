import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { atRevision } from "../../src/engine/snapshot.ts";
import { createInspection } from "../../src/replica/inspection.ts";
import { configureWorld, snapshotOf } from "../conformance/support/engine-world.ts";

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
