import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { formatCursor, parseCursor } from "../../src/credentials/revocation-cursor.ts";
import {
  createRevocationQueue,
  maxBacklog,
  maxOfMessage,
  type Revocation,
} from "../../src/credentials/revocation-queue.ts";

const revocation = fc.record({
  subjectUid: fc.constantFrom("a", "b", "c"),
  credentialId: fc.constantFrom(undefined, "x", "y"),
  version: fc.bigInt({ min: 1n, max: 5n }),
});

describe("what waits for one who watches", () => {
  it("is told with the highest version, and once though it changes again", () => {
    fc.assert(
      fc.property(fc.array(fc.array(revocation, { maxLength: 4 }), { maxLength: 6 }), (parts) => {
        const queue = createRevocationQueue(undefined);
        const highest = new Map<string, bigint>();
        for (const [at, part] of parts.entries()) {
          queue.add(part, { xmin: BigInt(at), completeAt: at });
          for (const { subjectUid, credentialId, version } of part) {
            const key = JSON.stringify([subjectUid, credentialId]);
            const before = highest.get(key) ?? 0n;
            highest.set(key, before > version ? before : version);
          }
        }
        const batch = queue.take();
        if (parts.length === 0) return assert.equal(batch, undefined);
        assert.ok(batch !== undefined && batch !== "overflow");
        const told = batch.revocations.map(
          ({ subjectUid, credentialId, version }) =>
            [JSON.stringify([subjectUid, credentialId]), version] as const,
        );
        assert.deepEqual(new Map(told), highest);
        assert.equal(told.length, highest.size);
        const last = parts.length - 1;
        assert.deepEqual(batch.cursor, { xmin: BigInt(last), completeAt: last });
        assert.equal(queue.take(), undefined);
      }),
    );
  });

  const many = (count: number): Revocation[] =>
    Array.from({ length: count }, (_, at) => ({
      subjectUid: `${at}`,
      credentialId: undefined,
      version: 1n,
    }));

  it("comes in messages, of which only the last says how far all is told", () => {
    for (const from of [undefined, { xmin: 3n, completeAt: 30 }]) {
      const queue = createRevocationQueue(from);
      queue.add(many(2 * maxOfMessage + 1), { xmin: 9n, completeAt: 90 });
      const taken = [queue.take(), queue.take(), queue.take()];
      assert.deepEqual(
        taken.map((batch) => (batch === "overflow" ? batch : batch?.revocations.length)),
        [maxOfMessage, maxOfMessage, 1],
      );
      const early = from ?? { xmin: 0n, completeAt: 0 };
      assert.deepEqual(
        taken.map((batch) => (batch === "overflow" ? batch : batch?.cursor)),
        [early, early, { xmin: 9n, completeAt: 90 }],
      );
    }
  });

  it("is bounded: beyond that it is lost, and nothing more is kept", () => {
    const queue = createRevocationQueue(undefined);
    queue.add(many(maxBacklog), { xmin: 1n, completeAt: 1 });
    assert.notEqual(queue.take(), "overflow");
    queue.add(many(maxBacklog + 1), { xmin: 1n, completeAt: 1 });
    assert.equal(queue.take(), "overflow");
    queue.add(many(1), { xmin: 2n, completeAt: 2 });
    assert.equal(queue.take(), "overflow");
  });

  it("never goes back", () => {
    const queue = createRevocationQueue(undefined);
    queue.add([], { xmin: 5n, completeAt: 50 });
    queue.add([], { xmin: 4n, completeAt: 60 });
    const batch = queue.take();
    assert.deepEqual(batch, { revocations: [], cursor: { xmin: 5n, completeAt: 60 } });
  });
});

describe("the cursor of one who watches", () => {
  const key = new Uint8Array(32).fill(1);

  it("is read by the database that made it, and by no other, and no sign of it can be changed", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.nat({ max: 4e12 }),
        fc.nat(),
        fc.constantFrom("0", "A", ".", "-", "_", " ", "é"),
        (xmin, completeAt, at, sign) => {
          const text = formatCursor(key, { xmin, completeAt });
          assert.deepEqual(parseCursor(key, text), { xmin, completeAt });
          assert.equal(parseCursor(new Uint8Array(32), text), undefined);
          const place = at % text.length;
          const changed = text.slice(0, place) + sign + text.slice(place + 1);
          if (changed !== text) assert.equal(parseCursor(key, changed), undefined);
          assert.equal(parseCursor(key, text.slice(0, place)), undefined);
          assert.equal(parseCursor(key, `${text}${sign}`), undefined);
        },
      ),
    );
  });
});
