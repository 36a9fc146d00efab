import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import {
  formatCursor,
  parseCursor,
  type RevocationCursor,
} from "../../src/credentials/revocation-cursor.ts";
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

const place = (xmin: bigint, completeAt: number): RevocationCursor => ({
  ...{ server: "1", xmin, completeAt },
});

describe("what waits for one who watches", () => {
  it("is told with the highest version, and once though it changes again", () => {
    fc.assert(
      fc.property(fc.array(fc.array(revocation, { maxLength: 4 }), { maxLength: 6 }), (parts) => {
        const queue = createRevocationQueue(undefined);
        const highest = new Map<string, bigint>();
        for (const [at, part] of parts.entries()) {
          queue.add(part, place(BigInt(at), at));
          for (const { subjectUid, credentialId, version } of part) {
            const key = JSON.stringify([subjectUid, credentialId]);
            const before = highest.get(key) ?? 0n;
            highest.set(key, before > version ? before : version);
          }
        }
        const batch = queue.take();
        if (parts.length === 0) return assert.equal(batch, undefined);
        assert.ok(typeof batch === "object");
        const told = batch.revocations.map(
          ({ subjectUid, credentialId, version }) =>
            [JSON.stringify([subjectUid, credentialId]), version] as const,
        );
        assert.deepEqual(new Map(told), highest);
        assert.equal(told.length, highest.size);
        const last = parts.length - 1;
        assert.deepEqual(batch.cursor, place(BigInt(last), last));
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
    for (const from of [undefined, place(3n, 30)]) {
      const queue = createRevocationQueue(from);
      queue.add(many(2 * maxOfMessage + 1), place(9n, 90));
      const taken = [queue.take(), queue.take(), queue.take()];
      assert.deepEqual(
        taken.map((batch) => (typeof batch === "string" ? batch : batch?.revocations.length)),
        [maxOfMessage, maxOfMessage, 1],
      );
      const early = from ?? { ...place(0n, 0), server: "0" };
      assert.deepEqual(
        taken.map((batch) => (typeof batch === "string" ? batch : batch?.cursor)),
        [early, early, place(9n, 90)],
      );
    }
  });

  it("is bounded: beyond that it is lost, and nothing more is kept", () => {
    const queue = createRevocationQueue(undefined);
    queue.add(many(maxBacklog), place(1n, 1));
    assert.notEqual(queue.take(), "overflow");
    queue.add(many(maxBacklog + 1), place(1n, 1));
    assert.equal(queue.take(), "overflow");
    queue.add(many(1), place(2n, 2));
    assert.equal(queue.take(), "overflow");
  });

  it("never goes back", () => {
    const queue = createRevocationQueue(undefined);
    queue.add([], place(5n, 50));
    queue.add([], place(4n, 60));
    const batch = queue.take();
    assert.deepEqual(batch, { revocations: [], cursor: place(5n, 60) });
  });
});

describe("what waits when there was a gap", () => {
  const some: Revocation = { subjectUid: "a", credentialId: undefined, version: 1n };

  it("is lost, since nobody knows what else there would have been", () => {
    const queue = createRevocationQueue(undefined);
    queue.add([some], place(1n, 1));
    queue.interrupt();
    assert.equal(queue.take(), "gap");
    queue.add([some], place(2n, 2));
    assert.equal(queue.take(), "gap");
  });

  it("is of no place from which to go on, where two servers told of it", () => {
    const queue = createRevocationQueue(undefined);
    queue.add([some], place(9n, 90));
    queue.add([], { ...place(5n, 95), server: "2" });
    const batch = queue.take();
    assert.ok(typeof batch === "object");
    assert.deepEqual(batch.cursor, { server: "0", xmin: 0n, completeAt: 0 });
  });
});

describe("the cursor of one who watches", () => {
  const key = new Uint8Array(32).fill(1);

  it("is read by the database that made it, and by no other, and no sign of it can be changed", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 44n - 1n }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.nat({ max: 4e12 }),
        fc.nat(),
        fc.constantFrom("0", "A", ".", "-", "_", " ", "é"),
        (server, xmin, completeAt, at, sign) => {
          const cursor = { server: server.toString(), xmin, completeAt };
          const text = formatCursor(key, cursor);
          assert.deepEqual(parseCursor(key, text), cursor);
          assert.equal(parseCursor(new Uint8Array(32), text), undefined);
          const index = at % text.length;
          const changed = text.slice(0, index) + sign + text.slice(index + 1);
          if (changed !== text) assert.equal(parseCursor(key, changed), undefined);
          assert.equal(parseCursor(key, text.slice(0, index)), undefined);
          assert.equal(parseCursor(key, `${text}${sign}`), undefined);
          assert.ok(text.length <= 152);
        },
      ),
    );
  });

  it("tells whoever gets it nothing, not even whether it is the same as another", () => {
    const cursor = { server: "1767225600000000", xmin: 48_151_623n, completeAt: 1_767_225_600_000 };
    const [text, same] = [formatCursor(key, cursor), formatCursor(key, cursor)];
    assert.notEqual(text, same);
    const bytes = Buffer.from(text.slice(2), "base64url").toString("latin1");
    for (const part of Object.values(cursor)) {
      assert.ok(!`${text} ${bytes}`.includes(part.toString()));
    }
    assert.equal(parseCursor(new Uint8Array(0), text), undefined);
  });
});
