import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Project } from "../../../src/domain/model.ts";
import type { GroupEntry, GroupGraph } from "../../../src/engine/group-graph.ts";
import { explainCheck } from "../../../src/engine/inspect/explain.ts";
import { maxMemberships } from "../../../src/engine/inspect/explanation.ts";
import type { Inspection } from "../../../src/engine/inspect/inspection.ts";
import { listPermissions } from "../../../src/engine/inspect/list-permissions.ts";
import { listPrincipals } from "../../../src/engine/inspect/list-principals.ts";
import { lookupPrincipal } from "../../../src/engine/inspect/lookup-principal.ts";
import { countReadable } from "../../../src/engine/inspect/redact.ts";
import type { CountTold } from "../../../src/engine/inspect/steps.ts";
import { bind, group, id, pool, realm } from "../world.ts";
import { ann, createTask, explainAmong, inPool, inPools } from "./explain-world.ts";
import { inspect } from "./inspect-world.ts";

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

  describe("hold at most 100,000 memberships", () => {
    const depth = 100;
    const fleet = { projects: [project("group:c0", 1001)], pools: pools(1001) };
    const names = fleet.pools.map(({ name }) => name);
    const chain = Array.from({ length: depth }, (_, index) =>
      index === depth - 1
        ? group(`c${index}`, { members: [ann] })
        : group(`c${index}`, { nested: [`c${index + 1}`] }),
    );
    const explain = (check: "all_pools" | "filter_pools", count: number, told?: CountTold) =>
      explainAmong(chain, fleet, ann, inPools(check, names.slice(0, count)), told);

    it("in all steps together", () => {
      const { steps } = explain("filter_pools", 1000);
      const held = steps.map(({ witness }) => witness?.memberships.length ?? 0);
      assert.equal(
        held.reduce((sum, count) => sum + count, 0),
        maxMemberships,
      );
    });

    it("and are refused beyond", () => {
      for (const check of ["all_pools", "filter_pools"] as const) {
        assert.throws(() => explain(check, 1001), {
          name: "DomainError",
          reason: "LIMIT_EXCEEDED",
          message: "the explanation holds more than 100000 memberships; ask about fewer pools",
          metadata: { limit: "explanation_memberships" },
        });
      }
    });

    it("and who may read a part is not refused for the rest", () => {
      const owning = (owned: (group: string) => boolean): CountTold =>
        countReadable({ kind: "own_groups", mayRead: owned });
      const one = owning((name) => name === "c50");
      assert.equal(explain("filter_pools", 1001, one).pools.length, 1001);
      assert.equal(
        explain(
          "filter_pools",
          1001,
          owning(() => false),
        ).pools.length,
        1001,
      );
      assert.throws(
        () =>
          explain(
            "filter_pools",
            1001,
            owning(() => true),
          ),
        {
          reason: "LIMIT_EXCEEDED",
        },
      );
    });
  });

  it("read the members of no group but the ones that list the caller", () => {
    const read = new Set<string>();
    const watched = (entry: GroupEntry): GroupEntry => ({
      ...entry,
      get members() {
        read.add(entry.name);
        return entry.members;
      },
    });
    const bystanders = Array.from({ length: 100 }, (_, index) =>
      group(`z${index}`, { members: [`bot:b${index}`] }),
    );
    const plain = inspect({
      groups: [group("a", { members: [ann] }), group("b", { nested: ["a"] }), ...bystanders],
      pools: [pool("ci", "p:ci")],
      realms: [realm("p:ci", bind(createTask, ["group:z1"]))],
    });
    const graph = plain.snapshot.groups;
    const groups: GroupGraph = {
      ...graph,
      entry(name) {
        const entry = graph.entry(name);
        return entry && watched(entry);
      },
      entries: () => [...graph.entries()].map(watched),
    };
    const inspection: Inspection = { ...plain, snapshot: { ...plain.snapshot, groups } };
    explainCheck(inspection, id(ann), inPool("ci"));
    listPermissions(inspection, id(ann));
    lookupPrincipal(inspection, { kind: "group", group: "a" });
    lookupPrincipal(inspection, { kind: "glob", glob: "user:*" });
    assert.deepEqual([...read], []);
    const memberships = lookupPrincipal(inspection, { kind: "identity", identity: ann });
    assert.deepEqual(
      memberships?.map((it) => it.group),
      ["a", "b"],
    );
    assert.deepEqual([...read], ["a"]);
    read.clear();
    listPrincipals(inspection, createTask, { kind: "pool", pool: "ci" });
    assert.deepEqual([...read], ["z1"]);
  });
});
