import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createVersionedMap, type VersionedMap } from "../../src/engine/versioned-map.ts";

interface Twin {
  readonly version: VersionedMap<string, number>;
  /** A copy of its own. */
  readonly plain: ReadonlyMap<string, number>;
}

type Change = readonly [string, number | undefined];

function change(twin: Twin, kind: "advance" | "branch", changes: readonly Change[]): Twin {
  const plain = new Map(twin.plain);
  for (const [key, value] of changes) {
    if (value === undefined) plain.delete(key);
    else plain.set(key, value);
  }
  return { version: twin.version[kind](changes), plain };
}

const keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

function assertSame({ version, plain }: Twin): void {
  assert.equal(version.size, plain.size);
  for (const key of keys) {
    assert.equal(version.get(key), plain.get(key));
    assert.equal(version.has(key), plain.has(key));
  }
  assert.deepEqual([...version.keys()].toSorted(), [...plain.keys()].toSorted());
  assert.deepEqual(
    [...version.values()].toSorted((left, right) => left - right),
    [...plain.values()].toSorted((left, right) => left - right),
  );
  const entries = [...version.entries()];
  assert.equal(entries.length, plain.size);
  assert.deepEqual(new Map(entries), plain);
}

const anyChanges = fc.array(
  fc.tuple(fc.constantFrom(...keys), fc.option(fc.nat(3), { nil: undefined })),
  { maxLength: 6 },
);

const anySteps = fc.array(
  fc.record({
    /** Which of the versions so far, from the last one back; most often the last one itself. */
    of: fc.oneof(fc.constant(0), fc.nat(30)),
    kind: fc.constantFrom("advance" as const, "advance" as const, "branch" as const),
    changes: anyChanges,
    /** Which one is read meanwhile: reading shortens ways. */
    read: fc.nat(30),
  }),
  { maxLength: 40 },
);

const pick = <T>(list: readonly T[], back: number): T =>
  list[list.length - 1 - (back % list.length)] as T;

describe("a versioned map", () => {
  it("is in every version what a copy would be, whatever tree of versions there is", () => {
    fc.assert(
      fc.property(anyChanges, anySteps, (begin, steps) => {
        const none: Twin = { version: createVersionedMap(), plain: new Map() };
        const twins = [change(none, "advance", begin)];
        for (const step of steps) {
          twins.push(change(pick(twins, step.of), step.kind, step.changes));
          assertSame(pick(twins, step.read));
        }
        for (const twin of [...twins, none]) assertSame(twin);
      }),
      { numRuns: 1000 },
    );
  });

  it("takes over the map that it is made of", () => {
    const map = new Map([["a", 1]]);
    const first = createVersionedMap(map);
    first.advance([["a", 2]]);
    assert.equal(map.get("a"), 2, "it is not copied");
    assert.equal(first.get("a"), 1);
  });

  it("stays as it was when what makes the changes throws", () => {
    const first = createVersionedMap(new Map([["a", 1]]));
    function* broken(): Generator<Change> {
      yield ["a", 2];
      throw new Error("broken");
    }
    assert.throws(() => first.advance(broken()), /broken/);
    assert.throws(() => first.branch(broken()), /broken/);
    assert.equal(first.get("a"), 1);
    assert.equal(first.advance([["b", 3]]).get("a"), 1);
  });

  for (const kind of ["advance", "branch"] as const) {
    it(`ends a walk in the version in which it began, whatever is changed meanwhile by ${kind}`, () => {
      fc.assert(
        fc.property(anyChanges, anySteps, fc.nat(5), (begin, steps, at) => {
          const none: Twin = { version: createVersionedMap(), plain: new Map() };
          let last = change(none, "advance", begin);
          const walked = last;
          const walk = walked.version.entries();
          const seen: (readonly [string, number])[] = [];
          for (let count = 0; count < at; count += 1) {
            const next = walk.next();
            if (next.done !== true) seen.push(next.value);
          }
          for (const { changes } of steps) last = change(last, kind, changes);
          seen.push(...walk);
          assert.equal(seen.length, walked.plain.size);
          assert.deepEqual(new Map(seen), walked.plain);
        }),
      );
    });
  }

  it("reads over 100,000 versions, and through branches of branches", () => {
    const first = createVersionedMap(new Map([["a", -1]]));
    const versions = [first];
    let newest = first;
    let branched = first;
    for (let count = 0; count < 100_000; count += 1) {
      newest = newest.advance([[`${count}`, count]]);
      branched = branched.branch([[`${count % 100}`, count]]);
      versions.push(newest);
    }
    assert.equal(first.get("a"), -1);
    assert.equal(first.get("99999"), undefined);
    assert.equal(branched.get("99"), 99_999);
    assert.equal(branched.size, 101);
    for (const at of [1, 10, 50_000, 99_999]) {
      assert.equal(versions[at]?.size, at + 1);
      assert.equal(versions[at]?.get(`${at - 1}`), at - 1);
      assert.equal(versions[at]?.has(`${at}`), false);
    }
  });
});
