import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRecordCache, tombstoneMs, type Era } from "../../src/credentials/record-cache.ts";
import { memoryWorld, wordOf, type MemoryWorld } from "./support/memory-database.ts";
import { bot, noon, record, task, tokenOf } from "./support/records.ts";

/** Asks, and holds the answer of the database up until it is let go. */
async function askSlowly(world: MemoryWorld, token: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const before = world.reads.length;
  world.held.until = promise;
  const verdict = world.ask(token);
  while (world.reads.length === before) await new Promise((turn) => setImmediate(turn));
  world.held.until = Promise.resolve();
  return { verdict, letGo: resolve };
}

describe("U23 a read that was under way", () => {
  it("does not bring back what the log has told to be over, and is made again", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("session");
    world.records.set(good.id, good);
    const { verdict, letGo } = await askSlowly(world, tokenOf(good));
    world.change({ ...good, revokedAt: noon, subject: bot({ version: 4n }) });
    await world.poll();
    letGo();
    assert.equal(wordOf(await verdict), "refused revoked");
    assert.equal(wordOf(world.askNow(tokenOf(good))), "refused revoked");
    assert.equal(world.reads.length, 2);
  });

  it("does not bring back what this process has changed itself", async () => {
    const world = memoryWorld();
    await world.poll();
    const unheld = record("task", { subject: task({ heldUntil: noon }) });
    world.records.set(unheld.id, unheld);
    const { verdict, letGo } = await askSlowly(world, tokenOf(unheld));
    // A hold is added: no version rises, and the log does not tell.
    world.time.now += 1;
    world.records.set(unheld.id, { ...unheld, subject: task() });
    await world.identifier.makeKnown([unheld.subject.uid]);
    letGo();
    assert.equal(wordOf(await verdict), "good all");
    assert.equal(wordOf(world.askNow(tokenOf(unheld))), "good all");
  });

  it("is judged as it is when the subject changes all the time, and kept by nobody", async () => {
    const world = memoryWorld();
    await world.poll();
    let version = 3n;
    const good = record("session");
    world.records.set(good.id, good);
    const token = tokenOf(good);
    const state = { over: false };
    const verdict = world.ask(token).finally(() => {
      state.over = true;
    });
    while (!state.over) {
      const { promise, resolve } = Promise.withResolvers<void>();
      world.held.until = promise;
      const before = world.reads.length;
      while (world.reads.length === before && !state.over)
        await new Promise((turn) => setImmediate(turn));
      version += 1n;
      world.change({ ...good, subject: bot({ version }) }, false);
      await world.poll();
      resolve();
      if (world.reads.length > 10) assert.fail("it never ends");
    }
    assert.equal(wordOf(await verdict), "good all");
    assert.equal(world.reads.length, 3);
    assert.equal(wordOf(world.askNow(token)), "ask");
  });
});

describe("the cache of records", () => {
  const era: Era = { completeAt: 0 };
  const make = (max?: number) => {
    const time = { now: 1_000 };
    return { time, cache: createRecordCache(() => time.now, max) };
  };
  const session = (id: string, uid: string, version = 3n) =>
    record("session", { id, subject: bot({ uid, version }) });

  it("keeps nothing of a version below one that was told of, from the instant when it was, for ten seconds", () => {
    const { time, cache } = make();
    cache.supersede("u", 5n);
    cache.supersede("u", 4n);
    time.now += tombstoneMs;
    cache.supersede("another", 1n);
    assert.equal(cache.install(session("a", "u", 4n), time.now, era), undefined);
    assert.equal(cache.install(session("a", "u", 5n), time.now, era)?.record.id, "a");
  });

  it("judges a read that took very long, and does not keep it: what it must not bring back may be forgotten", () => {
    const { time, cache } = make();
    const readAt = time.now;
    cache.supersede("u", 5n);
    time.now += tombstoneMs + 1;
    cache.supersede("another", 1n);
    assert.equal(cache.install(session("a", "u", 4n), readAt, era)?.record.id, "a");
    assert.equal(cache.findById("a"), undefined);
  });

  it("keeps what was read last, whatever arrives last", () => {
    const { time, cache } = make();
    const newer = session("a", "u", 5n);
    cache.install(newer, time.now, era);
    assert.equal(cache.install(session("a", "u", 4n), time.now - 1, era)?.record, newer);
    assert.equal(cache.findById("a")?.record, newer);
    const later = { ...newer, usedAt: noon };
    cache.install(later, time.now + 1, era);
    assert.equal(cache.findById("a")?.record, later);
    assert.equal(cache.size(), 1);
  });

  it("lets the one go that was used longest ago, with its hash and its subject", () => {
    const { time, cache } = make(2);
    const first = { ...session("a", "u"), lookupHash: "h1" };
    cache.install(first, time.now, era);
    cache.install(session("b", "u"), time.now, era);
    assert.equal(cache.findByHash("h1")?.record, first);
    cache.install(session("c", "v"), time.now, era);
    assert.deepEqual(
      ["a", "b", "c"].map((id) => cache.findById(id) !== undefined),
      [true, false, true],
    );
    cache.install(session("d", "w"), time.now, era);
    assert.equal(cache.findByHash("h1"), undefined);
    assert.equal(cache.size(), 2);
  });

  it("forgets a subject, and what reads bring of it that began before; and all, when told to", () => {
    const { time, cache } = make();
    cache.install(session("a", "u"), time.now, era);
    cache.install(session("b", "v"), time.now, era);
    cache.forget("u");
    assert.equal(cache.findById("a"), undefined);
    assert.equal(cache.install(session("a", "u", 99n), time.now - 1, era), undefined);
    assert.notEqual(cache.install(session("a", "u", 3n), time.now, era), undefined);
    time.now += 1;
    cache.clear();
    assert.equal(cache.size(), 0);
    assert.equal(cache.install(session("b", "v"), time.now - 1, era), undefined);
    assert.notEqual(cache.install(session("b", "v"), time.now, era), undefined);
  });

  it("with very many changes at once, keeps nothing that was under way rather than forget one of them", () => {
    const { time, cache } = make();
    for (let count = 0; count <= 200_000; count += 1) cache.supersede(`u${count}`, 9n);
    assert.equal(cache.install(session("a", "u0", 1n), time.now - 1, era), undefined);
    assert.equal(cache.install(session("a", "never told of"), time.now - 1, era), undefined);
  });
});
