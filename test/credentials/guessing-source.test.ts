import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadedLookUps } from "../../src/credentials/record-reader.ts";
import { unknownAtOnce, unknownPerSecond } from "../../src/credentials/source-limiter.ts";
import { load, unknownToken } from "./support/load.ts";
import { memoryWorld, wordOf, type MemoryWorld } from "./support/memory-database.ts";
import { record, task, tokenOf } from "./support/records.ts";

/** Has a source spend what it is allowed. */
async function spend(world: MemoryWorld, source?: string): Promise<void> {
  for (let count = 0; count < unknownAtOnce; count += 1) {
    const word = wordOf(
      await world.ask(unknownToken(count), source === undefined ? {} : { source }),
    );
    assert.equal(word, "refused unknown");
  }
}

describe("a source that guesses", () => {
  it("is looked up while the reader has room, so that nobody who shares it is locked out", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("session");
    world.records.set(good.id, good);
    await spend(world);
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    assert.equal(wordOf(await world.ask(tokenOf(good))), "good all");
    assert.equal(wordOf(await world.ask(tokenOf(good), { freshness: "strict" })), "good all");
    assert.equal(wordOf(await world.ask(unknownToken(5_000))), "refused unknown");
    // With one fewer than make it loaded, too.
    const release = await load(world, loadedLookUps - 1);
    const last = world.ask(unknownToken(5_001));
    await release();
    assert.equal(wordOf(await last), "refused unknown");
  });

  it("is turned away before the look-up while too many wait, and that does not concern others", async () => {
    const world = memoryWorld();
    await world.poll();
    const [good, fresh] = [record("session", { id: "0x".repeat(8) }), record("task")];
    for (const each of [good, fresh]) world.records.set(each.id, each);
    await world.ask(tokenOf(good));
    await spend(world);
    const release = await load(world, loadedLookUps);
    const strict = { freshness: "strict" } as const;
    assert.equal(wordOf(world.askNow(unknownToken(5_000))), "too_many");
    assert.equal(wordOf(await world.ask(unknownToken(5_001))), "too_many");
    assert.equal(wordOf(await world.ask(unknownToken(5_002), strict)), "too_many");
    assert.equal(wordOf(await world.ask(tokenOf(fresh))), "too_many");
    // What is in memory is not affected, nor is anybody else.
    assert.equal(wordOf(await world.ask(tokenOf(good))), "good all");
    const others = [
      world.ask(tokenOf(good), strict),
      world.ask(tokenOf(fresh), { source: "192.0.2.2" }),
    ];
    await release();
    assert.deepEqual((await Promise.all(others)).map(wordOf), ["good all", "good all"]);
    // Now there is room again.
    assert.equal(wordOf(await world.ask(unknownToken(5_003))), "refused unknown");
  });

  it("recovers with time", async () => {
    const world = memoryWorld();
    await world.poll();
    await spend(world);
    world.time.now += 1_000;
    await world.poll();
    for (let count = 0; count < unknownPerSecond; count += 1) {
      assert.equal(wordOf(await world.ask(unknownToken(2_000 + count))), "refused unknown");
    }
    assert.equal(await wordUnderLoad(world), "too_many");
    world.time.now += 1_000;
    await world.poll();
    assert.equal(await wordUnderLoad(world), "refused unknown");
  });

  const freshnesses = ["bounded", "strict"] as const;
  for (const freshness of freshnesses) {
    it(`pays for a wrong secret of what is in memory, too, and has it not read again (${freshness})`, async () => {
      const world = memoryWorld();
      await world.poll();
      const good = record("session");
      world.records.set(good.id, good);
      await world.ask(tokenOf(good), { source: "192.0.2.2" });
      const reads = world.reads.length;
      for (let count = 0; count < unknownAtOnce; count += 1) {
        const wrong = tokenOf(good, String(count).padStart(43, "x"));
        assert.equal(wordOf(await world.ask(wrong, { freshness })), "refused wrong_secret");
      }
      assert.equal(world.reads.length, reads);
      assert.equal(await wordUnderLoad(world), "too_many");
    });
  }

  it("pays for each wrong secret of a batch that memory answers, and for none of one that it does not", async () => {
    for (const isKnown of [true, false]) {
      const world = memoryWorld();
      await world.poll();
      const good = record("session");
      world.records.set(good.id, good);
      await world.ask(tokenOf(good), { source: "192.0.2.2" });
      const wrong = Array.from({ length: unknownAtOnce }, (_, count) =>
        tokenOf(good, String(count).padStart(43, "x")),
      );
      const cold = isKnown ? [] : [unknownToken(1)];
      const words = world.askAllNow([...wrong, ...cold])?.map(wordOf);
      assert.deepEqual(words, isKnown ? wrong.map(() => "refused wrong_secret") : undefined);
      assert.equal(await wordUnderLoad(world), isKnown ? "too_many" : "refused unknown");
    }
  });

  it("pays for wrong secrets, and nobody pays for what is good", async () => {
    const world = memoryWorld();
    for (let count = 0; count < 3 * unknownAtOnce; count += 1) {
      const each = record("task", {
        id: count.toString(36).padStart(16, "0"),
        subject: task({ uid: `u${count}` }),
      });
      world.records.set(each.id, each);
      assert.equal(wordOf(await world.ask(tokenOf(each))), "good all");
    }
    for (let count = 0; count < unknownAtOnce; count += 1) {
      const each = record("task", {
        id: (1_000_000 + count).toString(36).padStart(16, "0"),
        subject: task({ uid: `v${count}` }),
      });
      world.records.set(each.id, each);
      const wrong = tokenOf(each, "x".repeat(43));
      assert.equal(wordOf(await world.ask(wrong)), "refused wrong_secret");
    }
    assert.equal(await wordUnderLoad(world), "too_many");
  });
});

/** What becomes of an unknown token of the usual source while too many wait. */
async function wordUnderLoad(world: MemoryWorld): Promise<string> {
  const release = await load(world, loadedLookUps);
  const asked = world.ask(unknownToken(9_000_000));
  await release();
  return wordOf(await asked);
}
