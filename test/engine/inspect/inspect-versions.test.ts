import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Provenance } from "../../../src/domain/provenance.ts";
import { explainCheck } from "../../../src/engine/inspect/explain.ts";
import { groupGiftsOf } from "../../../src/engine/inspect/group-gifts.ts";
import type { Inspection } from "../../../src/engine/inspect/inspection.ts";
import { listPermissions } from "../../../src/engine/inspect/list-permissions.ts";
import { listPrincipals } from "../../../src/engine/inspect/list-principals.ts";
import { lookupPrincipal } from "../../../src/engine/inspect/lookup-principal.ts";
import { readingOf } from "../../../src/engine/inspect/reading.ts";
import { advanceSnapshot, createSnapshot, type Snapshot } from "../../../src/engine/snapshot.ts";
import { anyWish, carryOut, globTexts, groupNames, type PlainGroups } from "../group-changes.ts";
import { asked, toGroup } from "../telling.ts";
import { bind, id, input, pool, realm } from "../world.ts";

const permission = "swarming.pools.createTask";
const policy = input({
  revision: 0n,
  realms: [
    realm("p:one", bind(permission, ["group:a", "group:\uffee", "user:bob@x.com"])),
    realm("p:two", bind(permission, ["group:b", "group:c", "group:\u{1f600}"])),
  ],
  pools: [pool("one", "p:one"), pool("two", "p:two")],
});
const places = [
  { kind: "pool", pool: "one" },
  { kind: "realm", realm: "p:two" },
  { kind: "server" },
] as const;
const provenance: Provenance = {
  bindingsOf: (name, wanted) =>
    (policy.realms.find((it) => it.name === name)?.bindings ?? [])
      .filter(({ permissions }) => permissions.includes(wanted))
      .map(({ principals, conditions }) => ({
        source: "main",
        realm: name,
        inheritance: [name],
        role: "role/r",
        rolePath: ["role/r"],
        principals,
        conditions,
      })),
  rolesHolding: () => [{ name: "role/r", permissions: [permission] }],
  hasRole: () => true,
  heirsOf: (name) => [name],
  sourceOfGroup: (name) => `of-${name}`,
  hasProject: () => true,
};

/** All that an inspection shows, in its order. */
function shown(snapshot: Snapshot): unknown {
  const inspection: Inspection = { snapshot, configuration: policy, provenance };
  const pools = ["one", "two"];
  return {
    principals: places.map((place) => listPrincipals(inspection, permission, place)),
    permissions: asked.map((text) => listPermissions(inspection, id(text))),
    identities: asked.map((text) =>
      lookupPrincipal(inspection, { kind: "identity", identity: text }),
    ),
    globs: globTexts.map((glob) => lookupPrincipal(inspection, { kind: "glob", glob })),
    groups: groupNames.map((group) => lookupPrincipal(inspection, { kind: "group", group })),
    explanations: asked.flatMap((text) => [
      explainCheck(inspection, id(text), { check: "pool", permission, pool: "one" }),
      explainCheck(inspection, id(text), { check: "all_pools", permission, pools }),
      explainCheck(inspection, id(text), { check: "server", permission: "swarming.tasks.get" }),
    ]),
    readings: asked.map((text) => {
      const reading = readingOf(inspection, id(text));
      if (reading.kind !== "own_groups") return reading.kind;
      return groupNames.filter((name) => reading.mayRead(name));
    }),
  };
}

describe("the inspection of a snapshot that was advanced", () => {
  it("shows what that of one made anew shows, in the same order, whatever came and went before", () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyWish, { maxLength: 8 }), { maxLength: 6 }), (steps) => {
        let plain: PlainGroups = new Map();
        let snapshot = createSnapshot(policy);
        const versions = [{ plain, snapshot }];
        for (const [index, wishes] of steps.entries()) {
          const revision = BigInt(index + 1);
          const { after, changes } = carryOut(plain, wishes, revision);
          plain = after;
          snapshot = advanceSnapshot(snapshot, { revision, groupChanges: changes });
          versions.push({ plain, snapshot });
        }
        for (const { plain, snapshot } of versions) {
          const groups = [...plain].map(toGroup);
          const fresh = createSnapshot({ ...policy, groups, revision: snapshot.revision });
          assert.deepEqual(shown(snapshot), shown(fresh));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("counts what bindings give once for all versions with one policy", () => {
    const first = createSnapshot(policy);
    const { changes } = carryOut(
      new Map(),
      [{ about: "group", group: "a", text: "x", manager: "" }],
      1n,
    );
    const later = advanceSnapshot(first, { revision: 1n, groupChanges: changes });
    const gifts = groupGiftsOf({ snapshot: first, configuration: policy, provenance });
    assert.equal(groupGiftsOf({ snapshot: later, configuration: policy, provenance }), gifts);
    assert.equal(gifts.get(later.groups.findGroup("a") ?? -1), 1);
  });
});
