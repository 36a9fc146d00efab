import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { expandConfigurations } from "../../src/config/expand.ts";
import { createProvenance } from "../../src/config/provenance.ts";
import type { ExpandedRealm } from "../../src/domain/expanded.ts";
import { emptyConfiguration, type Condition, type Configuration } from "../../src/domain/model.ts";
import { sortedSet } from "../../src/domain/bytewise.ts";
import { permissions, undeclaredPermission } from "../conformance/support/alphabets.ts";
import {
  arbitraryConditionalWorld,
  arbitraryWorld,
} from "../conformance/support/arbitrary-world.ts";
import { configureSources, configureWorld } from "../conformance/support/engine-world.ts";
import { shuffleWorld, splitWorld } from "../conformance/support/rearrange-world.ts";
import type { World } from "../spec/world.ts";

const get = "swarming.tasks.get";
const listBots = "swarming.pools.listBots";

function provenanceOf(world: World): ReturnType<typeof createProvenance> {
  return createProvenance(new Map([["main", configureWorld(world)]]));
}

/** A project `p` with these realms. */
function project(...realms: NonNullable<NonNullable<World["projects"]>[number]["realms"]>): World {
  return { projects: [{ name: "p", realms }] };
}

const viewer = { role: "role/swarming.taskViewer", principals: ["user:a@x.com"] };

describe("the provenance of a binding", () => {
  it("is the realm, the role, the principals and the source", () => {
    const [origin, ...others] = provenanceOf(project({ name: "r", bindings: [viewer] })).bindingsOf(
      "p:r",
      get,
    );
    assert.deepEqual(others, []);
    assert.deepEqual(origin, {
      source: "main",
      realm: "p:r",
      inheritance: ["p:r"],
      role: "role/swarming.taskViewer",
      rolePath: ["role/swarming.taskViewer"],
      principals: ["user:a@x.com"],
      conditions: [],
    });
  });

  it("is inherited from @root by every realm, directly", () => {
    const provenance = provenanceOf(
      project({ name: "@root", bindings: [viewer] }, { name: "a" }, { name: "b", extends: ["a"] }),
    );
    assert.deepEqual(inheritances(provenance.bindingsOf("p:b", get)), [["p:b", "p:@root"]]);
    assert.deepEqual(inheritances(provenance.bindingsOf("p:@root", get)), [["p:@root"]]);
  });

  it("is inherited by the shortest way, of several the smallest", () => {
    const provenance = provenanceOf(
      project(
        { name: "base", bindings: [viewer] },
        { name: "far", extends: ["near-b"] },
        { name: "near-a", extends: ["base"] },
        { name: "near-b", extends: ["base"] },
        { name: "top", extends: ["far", "near-b", "near-a"] },
      ),
    );
    assert.deepEqual(inheritances(provenance.bindingsOf("p:top", get)), [
      ["p:top", "p:near-a", "p:base"],
    ]);
  });

  it("goes from the role that is bound to the one that lists the permission, by the shortest way", () => {
    const roles = [
      { name: "customRole/a", includes: ["customRole/b", "role/swarming.poolOwner"] },
      { name: "customRole/b", includes: ["customRole/c"] },
      { name: "customRole/c", permissions: [listBots] },
    ];
    const binding = { role: "customRole/a", principals: ["user:a@x.com"] };
    const provenance = provenanceOf({
      projects: [{ name: "p", custom_roles: roles, realms: [{ name: "r", bindings: [binding] }] }],
    });
    assert.deepEqual(
      provenance.bindingsOf("p:r", listBots).map((origin) => origin.rolePath),
      [["customRole/a", "customRole/b", "customRole/c"]],
    );
    assert.deepEqual(
      provenance.bindingsOf("p:r", "swarming.pools.createBot").map((origin) => origin.rolePath),
      [["customRole/a", "role/swarming.poolOwner"]],
    );
  });

  it("does not go through a role that is unresolved", () => {
    const binding = { role: "customRole/u", principals: ["user:a@x.com"] };
    const provenance = provenanceOf({
      projects: [
        {
          name: "p",
          custom_roles: [{ name: "customRole/u", unresolved: true }],
          realms: [{ name: "r", bindings: [binding] }],
        },
      ],
    });
    assert.deepEqual(provenance.bindingsOf("p:r", get), []);
    assert.equal(provenance.hasRole("p", "customRole/u"), true);
    assert.equal(provenance.hasRole("p", "customRole/v"), false);
    assert.equal(provenance.hasRole("p", "role/swarming.poolUser"), true);
    assert.equal(provenance.hasRole("q", "role/swarming.poolUser"), false);
  });

  it("is empty for a realm that is not defined; the @root of every project is", () => {
    const provenance = provenanceOf(project({ name: "@root", bindings: [viewer] }, { name: "r" }));
    assert.deepEqual(provenance.bindingsOf("p:nowhere", get), []);
    assert.deepEqual(provenance.bindingsOf("q:@root", get), []);
    assert.deepEqual(provenanceOf(project({ name: "r" })).heirsOf("p:@root"), ["p:@root", "p:r"]);
    assert.deepEqual(provenance.heirsOf("p:nowhere"), []);
  });

  it("has the realms that inherit as its heirs", () => {
    const provenance = provenanceOf(
      project({ name: "a" }, { name: "b", extends: ["a"] }, { name: "c", extends: ["b"] }),
    );
    assert.deepEqual(sortedSet(provenance.heirsOf("p:a")), ["p:a", "p:b", "p:c"]);
    assert.deepEqual(provenance.heirsOf("p:c"), ["p:c"]);
    assert.deepEqual(sortedSet(provenance.heirsOf("p:@root")), ["p:@root", "p:a", "p:b", "p:c"]);
  });

  it("survives chains of 100,000 realms and roles, and cycles", () => {
    const length = 100_000;
    const configuration: Configuration = {
      ...emptyConfiguration,
      projects: [
        {
          name: "p",
          customRoles: Array.from({ length }, (_, index) => ({
            name: `customRole/${index}`,
            permissions: index === length - 1 ? [get] : [],
            includes: [`customRole/${(index + 1) % length}`],
            unresolved: false,
          })),
          realms: Array.from({ length }, (_, index) => ({
            name: `r${index}`,
            extends: [`r${(index + 1) % length}`],
            bindings:
              index === length - 1
                ? [{ role: "customRole/0", principals: ["user:a@x.com"], conditions: [] }]
                : [],
          })),
        },
      ],
    };
    const provenance = createProvenance(new Map([["main", configuration]]));
    const [origin] = provenance.bindingsOf("p:r0", get);
    assert.equal(origin?.inheritance.length, length);
    assert.equal(origin.rolePath.length, length);
    assert.equal(provenance.heirsOf("p:r0").length, length);
  });
});

function inheritances(
  origins: readonly { readonly inheritance: readonly string[] }[],
): readonly (readonly string[])[] {
  return origins.map(({ inheritance }) => inheritance);
}

describe("the provenance of a configuration", () => {
  it("knows the roles that hold a permission, sorted, with all that they hold", () => {
    const provenance = provenanceOf(project());
    assert.deepEqual(provenance.rolesHolding("p", get), [
      {
        name: "role/swarming.taskTriggerer",
        permissions: ["swarming.tasks.cancel", "swarming.tasks.createInRealm", get],
      },
      { name: "role/swarming.taskViewer", permissions: [get] },
    ]);
    assert.deepEqual(provenance.rolesHolding("q", get), []);
    assert.equal(provenance.hasProject("p"), true);
    assert.equal(provenance.hasProject("q"), false);
  });

  it("agrees with the expansion in random worlds of several sources", () => {
    const worlds = fc.oneof(arbitraryWorld, arbitraryConditionalWorld);
    const property = fc.property(worlds, fc.nat(), (world, seed) => {
      const configurations = configureSources(splitWorld(shuffleWorld(world, seed), seed));
      const expanded = expandConfigurations(configurations.values());
      const provenance = createProvenance(configurations);
      for (const realm of expanded.realms) {
        for (const permission of [...permissions, undeclaredPermission]) {
          assert.deepEqual(
            grantsBy(provenance.bindingsOf(realm.name, permission)),
            grantsIn(realm, permission),
          );
        }
      }
    });
    fc.assert(property, { numRuns: 150 });
  });
});

/** Who has a permission under which conditions, as texts. */
function grantsIn(realm: ExpandedRealm, permission: string): readonly string[] {
  return grantsBy(realm.bindings.filter((binding) => binding.permissions.includes(permission)));
}

function grantsBy(
  bindings: readonly {
    readonly principals: readonly string[];
    readonly conditions: readonly Condition[];
  }[],
): readonly string[] {
  return sortedSet(
    bindings.flatMap(({ principals, conditions }) =>
      principals.map((principal) => JSON.stringify([principal, conditions])),
    ),
  );
}
