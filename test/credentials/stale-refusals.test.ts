import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maxAbsentKeys } from "../../src/credentials/absent-keys.ts";
import { unknownToken } from "./support/load.ts";
import { memoryWorld, wordOf } from "./support/memory-database.ts";
import { noon, record, task, tokenOf } from "./support/records.ts";

describe("refusals that may be out of date", () => {
  it("a lease that has run out in memory is read again before a token is refused, at most once a second", async () => {
    const world = memoryWorld();
    await world.poll();
    const held = record("task", { subject: task({ heldUntil: noon + 5_000 }) });
    world.records.set(held.id, held);
    await world.ask(tokenOf(held));
    world.time.now = 5_000;
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(held))), "ask");
    assert.equal(wordOf(await world.ask(tokenOf(held))), "not_active state");
    assert.equal(wordOf(world.askNow(tokenOf(held))), "not_active state");
    world.time.now = 5_999;
    assert.equal(wordOf(world.askNow(tokenOf(held))), "not_active state");
    // Renewed: nobody is told.
    world.records.set(held.id, { ...held, subject: task({ heldUntil: noon + 60_000 }) });
    world.time.now = 6_000;
    assert.equal(wordOf(await world.ask(tokenOf(held))), "good all");
    assert.equal(world.reads.length, 3);
  });

  it("one that may report only because nobody holds its task is read again, too", async () => {
    const world = memoryWorld();
    await world.poll();
    const want = { wantPermission: "fleetgate.tasks.report" };
    const held = record("task", { subject: task({ heldUntil: noon + 1_000 }) });
    world.records.set(held.id, held);
    await world.ask(tokenOf(held));
    world.records.set(held.id, { ...held, subject: task({ heldUntil: noon + 60_000 }) });
    world.time.now = 1_500;
    assert.equal(wordOf(await world.ask(tokenOf(held), want)), "good all");
  });

  it("U25 absence is believed for less than a second, and not at all once something came into being", async () => {
    const world = memoryWorld();
    await world.poll();
    const later = record("task");
    const token = tokenOf(later);
    assert.equal(wordOf(await world.ask(token)), "refused unknown");
    world.time.now = 999;
    assert.equal(wordOf(world.askNow(token)), "refused unknown");
    world.time.now = 1_000;
    assert.equal(wordOf(world.askNow(token)), "ask");
    assert.equal(wordOf(await world.ask(token)), "refused unknown");
    world.records.set(later.id, later);
    await world.identifier.makeKnown(["another"]);
    assert.equal(wordOf(await world.ask(token)), "good all");
  });

  it("U25 what a look-up did not find that began before something was issued, is not believed", async () => {
    const world = memoryWorld();
    await world.poll();
    const later = record("task");
    const early = world.ask(tokenOf(later));
    await new Promise((resolve) => setImmediate(resolve));
    world.records.set(later.id, later);
    await world.identifier.makeKnown([later.subject.uid]);
    assert.equal(wordOf(await early), "refused unknown");
    assert.equal(wordOf(await world.ask(tokenOf(later))), "good all");
  });

  it("remembers so many that are absent, and no more", async () => {
    const world = memoryWorld();
    for (let from = 0; from <= maxAbsentKeys; from += 50) {
      const source = `10.0.${from >> 8}.${from & 255}`;
      const guesses = Array.from({ length: 50 }, (_, index) => unknownToken(from + index));
      await Promise.all(guesses.map((token) => world.ask(token, { source })));
    }
    assert.equal(wordOf(world.askNow(unknownToken(0))), "ask");
    assert.equal(wordOf(world.askNow(unknownToken(maxAbsentKeys + 1))), "refused unknown");
  });
});
