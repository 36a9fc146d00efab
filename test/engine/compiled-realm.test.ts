import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { ExpandedBinding } from "../../src/domain/expanded.ts";
import { finish } from "../../src/domain/steps.ts";
import { giftsIn } from "../../src/engine/binding-gifts.ts";
import { bindingsOf, countGifts, namesSomeOf } from "../../src/engine/compiled-binding.ts";
import { gives } from "../../src/engine/compiled-realm.ts";
import { isInGroup } from "../../src/engine/groups/membership.ts";
import { createGroupGraph } from "../../src/engine/group-graph-builder.ts";
import { createRealmIndex, type RealmIndex } from "../../src/engine/realm-index.ts";
import { group, id, realm } from "./world.ts";

const identities = ["user:ann@x.com", "user:BOB@x.com", "bot:a", "bot:A"];
const groupNames = ["one", "two", "three"];
const permissions = ["a.b.c", "d.e.f", "g.h.i", "j.k.l"];
const attributes = [
  undefined,
  new Map([["k", "v"]]),
  new Map([
    ["k", "w"],
    ["l", "v"],
  ]),
] as const;

const graph = createGroupGraph(
  [group("one", { members: ["user:ann@x.com"] }), group("two", { members: ["bot:a"] })],
  () => {},
);

const arbitraryBinding: fc.Arbitrary<ExpandedBinding> = fc.record({
  permissions: fc.uniqueArray(fc.constantFrom(...permissions), { maxLength: 4 }),
  principals: fc.uniqueArray(
    fc.constantFrom(...identities, ...groupNames.map((name) => `group:${name}`), "nonsense"),
    { maxLength: 5 },
  ),
  conditions: fc.array(
    fc.record({
      attribute: fc.constantFrom("k", "l"),
      values: fc.uniqueArray(fc.constantFrom("v", "w"), { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
});

function indexOf(bindings: readonly ExpandedBinding[], before?: RealmIndex): RealmIndex {
  return finish(createRealmIndex([realm("p:r", ...bindings)], graph, () => {}, before));
}

const fold = (text: string): string => (text.startsWith("user:") ? text.toLowerCase() : text);

/** Whether a binding is of somebody, read off the binding itself. */
function isOf({ principals }: ExpandedBinding, who: string): boolean {
  const mine = new Map([
    ["user:ann@x.com", "group:one"],
    ["bot:a", "group:two"],
  ]);
  return principals.some((it) => fold(it) === fold(who) || it === mine.get(fold(who)));
}

describe("a compiled realm", () => {
  it("gives what its bindings give, and reads back as they are", () => {
    let given = 0;
    const property = fc.property(fc.array(arbitraryBinding, { maxLength: 6 }), (bindings) => {
      const index = indexOf(bindings);
      const { names } = index;
      const compiled = index.findRealm("p:r") ?? assert.fail();
      for (const who of [...identities, "user:eve@x.com"]) {
        for (const permission of permissions) {
          const ofThis = bindings.filter((it) => it.permissions.includes(permission));
          for (const some of attributes) {
            const expected = ofThis.some(
              (it) =>
                isOf(it, who) &&
                it.conditions.every((condition) =>
                  condition.values.includes(some?.get(condition.attribute) ?? "-"),
                ),
            );
            const number = names.permissions.find(permission) ?? 99;
            const asker = { membership: graph.membershipOf(id(who)), marks: index.marks };
            assert.equal(gives(compiled, number, asker, some), expected, `${who} ${permission}`);
            given += Number(expected);
          }
          const read = bindingsOf(compiled).get(permission) ?? [];
          const folded = fold(who);
          const isRead = read.some(
            (it) =>
              it.identities.has(folded) ||
              it.groups.some((number) => isInGroup(graph.membershipOf(id(who)), number)),
          );
          assert.equal(
            isRead,
            ofThis.some((it) => isOf(it, who)),
          );
        }
      }
      for (const [place, name] of groupNames.entries()) {
        const number = graph.internGroup(name);
        const isNamed = bindings.some(
          (it) => it.permissions.length > 0 && it.principals.includes(`group:${name}`),
        );
        assert.equal(namesSomeOf(compiled, new Set([number, 77 + place])), isNamed);
      }
    });
    fc.assert(property, { numRuns: 300 });
    assert.ok(given > 500, `only ${given} permits`);
  });

  it("counts the same gifts flat as one by one", () => {
    const property = fc.property(fc.array(arbitraryBinding, { maxLength: 6 }), (bindings) => {
      const compiled = indexOf(bindings).findRealm("p:r") ?? assert.fail();
      const flat: string[] = [];
      countGifts(compiled, (groups, count) => void flat.push(`${groups.join()} ${count}`));
      const one = giftsIn(compiled).map(
        (it) => `${it.binding.groups.join()} ${it.permissions.length}`,
      );
      assert.deepEqual(flat.sort(), one.sort());
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("gives its numbers anew when most of them are of what is bound no more", () => {
    const bind = (from: number, count: number): ExpandedBinding => ({
      permissions: ["a.b.c"],
      principals: Array.from({ length: count }, (_, index) => `bot:b${from + index}`),
      conditions: [],
    });
    const first = indexOf([bind(0, 5_000)]);
    const second = indexOf([bind(5_000, 10)], first);
    assert.equal(second.names, first.names);
    const third = indexOf([bind(6_000, 10)], second);
    assert.notEqual(third.names, second.names);
    assert.equal(third.names.identities.count(), 10);
    const asker = { membership: graph.membershipOf(id("bot:b6001")), marks: third.marks };
    const compiled = third.findRealm("p:r") ?? assert.fail();
    assert.equal(
      gives(compiled, third.names.permissions.find("a.b.c") ?? 99, asker, undefined),
      true,
    );
  });

  it("gives numbers anew when most of them are of permissions that are bound no more", () => {
    const bind = (from: number, count: number): ExpandedBinding => ({
      permissions: Array.from({ length: count }, (_, index) => `a.b.c${from + index}`),
      ...{ principals: ["bot:b"], conditions: [] },
    });
    const first = indexOf([bind(0, 5_000)]);
    const second = indexOf([bind(5_000, 10)], first);
    assert.equal(second.names, first.names);
    const third = indexOf([bind(6_000, 10)], second);
    assert.notEqual(third.names, second.names);
    assert.equal(third.names.permissions.count(), 10);
  });

  it("gives to who is bound directly only after it asked, and not to who is not any more", () => {
    const bound = (...principals: readonly string[]): ExpandedBinding => ({
      ...{ permissions: ["a.b.c"], principals, conditions: [] },
    });
    const asked = graph.membershipOf(id("bot:late"));
    const isGiven = (index: RealmIndex): boolean => {
      const number = index.names.permissions.find("a.b.c") ?? 99;
      const asker = { membership: asked, marks: index.marks };
      return gives(index.findRealm("p:r") ?? assert.fail(), number, asker, undefined);
    };
    const without = indexOf([bound("bot:early")]);
    assert.equal(isGiven(without), false);
    const having = indexOf([bound("bot:early", "bot:late")], without);
    assert.equal(having.names, without.names);
    assert.equal(isGiven(having), true);
    assert.equal(isGiven(without), false);
    // Numbers of its own, where what it was in the other one is somebody else.
    const other = indexOf([bound("bot:some", "bot:early")]);
    assert.notEqual(other.names, having.names);
    assert.equal(isGiven(other), false);
    assert.equal(isGiven(having), true);
  });
});
