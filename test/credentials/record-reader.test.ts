import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { absentMs } from "../../src/credentials/absent-keys.ts";
import { freshMs } from "../../src/credentials/create-identifier.ts";
import {
  createRecordReader,
  maxLookUpsAtOnce,
  maxWaitingLookUps,
} from "../../src/credentials/record-reader.ts";
import type { CredentialKeys } from "../../src/storage/credential/read-credentials.ts";
import { load, unknownToken } from "./support/load.ts";
import { memoryWorld, wordOf } from "./support/memory-database.ts";
import { noon, record, tokenOf } from "./support/records.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader whose reads a test lets go on, one by one. */
function heldReader() {
  const reads: (CredentialKeys & { readonly answer: () => void })[] = [];
  const time = { now: 0 };
  const good = record("session");
  const reader = createRecordReader(
    (keys) =>
      new Promise((resolve) => {
        reads.push({ ...keys, answer: () => resolve({ records: [good], now: noon }) });
      }),
    () => time.now,
  );
  return { reader, reads, time, good };
}

describe("reading credentials", () => {
  it("looks up once what many ask for before the read begins, and again for whoever asks later", async () => {
    const { reader, reads, time, good } = heldReader();
    const keys = [{ id: good.id }, { hashes: ["h1", "h2"] }];
    const first = [...keys, ...keys, ...keys].map((each) => reader.lookUp(each));
    await nextTurn();
    assert.deepEqual(
      reads.map(({ ids, lookupHashes }) => [ids, lookupHashes]),
      [[[good.id], ["h1", "h2"]]],
    );
    // What is on its way may have begun before what is to be seen.
    time.now = 5;
    const later = Array.from({ length: 2 * maxWaitingLookUps }, () =>
      reader.lookUp({ id: good.id }),
    );
    assert.equal(reader.isLoaded(), false);
    reads[0]?.answer();
    for (const [index, reading] of (await Promise.all(first)).entries()) {
      assert.deepEqual([reading.readAt, reading.record?.id], [0, index % 2 ? undefined : good.id]);
    }
    await nextTurn();
    reads[1]?.answer();
    const found = await Promise.all(later);
    assert.ok(found.every(({ readAt, record }) => readAt === 5 && record === good));
    assert.equal(reads.length, 2);
  });

  it("has no more wait than may, also of what is in memory", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("session");
    world.records.set(good.id, good);
    const token = tokenOf(good);
    await world.ask(token);
    // As many as may wait, some of which begin, and so many more.
    const release = await load(world, maxWaitingLookUps - maxLookUpsAtOnce);
    const more = Array.from({ length: maxLookUpsAtOnce }, (_, index) =>
      world.ask(unknownToken(index), { source: `198.51.100.${index % 200}` }),
    );
    assert.equal(wordOf(world.askNow(token)), "good all");
    assert.equal(wordOf(await world.ask(token, { freshness: "strict" })), "too_many");
    const wrong = tokenOf(good, "x".repeat(43));
    assert.equal(
      wordOf(await world.ask(wrong, { freshness: "strict" })),
      "refused wrong_secret",
      "which takes no read",
    );
    // What nothing has confirmed for too long would be read again.
    world.time.now = Math.max(freshMs, absentMs) + 1;
    assert.equal(wordOf(world.askNow(token)), "too_many");
    assert.equal(wordOf(await world.ask(token)), "too_many");
    await Promise.all([release(), ...more]);
    await world.poll();
    assert.equal(wordOf(await world.ask(token, { freshness: "strict" })), "good all");
  });
});
