import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memoryWorld, wordOf } from "./support/memory-database.ts";
import { noon, record, task, tokenOf } from "./support/records.ts";

describe("when the database is lost", () => {
  const lose = (world: ReturnType<typeof memoryWorld>): void => {
    world.database.state = "lost";
    world.database.log = "lost";
  };

  it("U20 what is in memory goes on for the grace, and then nobody can tell; what is unknown fails at once", async () => {
    const world = memoryWorld({ outageGraceMs: 60_000 });
    await world.poll();
    const [good, fresh] = [record("session"), record("boot", { id: "1234567890123456" })];
    for (const each of [good, fresh]) world.records.set(each.id, each);
    await world.ask(tokenOf(good));
    lose(world);
    world.time.now = 2_001;
    // The first one who asks finds out.
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    assert.equal(wordOf(await world.ask(tokenOf(good))), "good all");
    const reads = world.reads.length;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
    assert.equal(wordOf(world.askNow(tokenOf(fresh))), "unavailable");
    assert.equal(wordOf(await world.ask(tokenOf(fresh))), "unavailable");
    assert.equal(wordOf(await world.ask(tokenOf(good), { freshness: "strict" })), "unavailable");
    world.time.now = 60_000;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
    world.time.now = 60_001;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "unavailable");
    assert.equal(world.reads.length, reads);
    // It answers again: the log goes on where it was, and tells what became of the records of before.
    world.database.state = "up";
    world.database.log = "up";
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
    assert.equal(wordOf(await world.ask(tokenOf(fresh))), "good all");
  });

  it("with a grace of 0, nobody can tell as soon as nothing confirms", async () => {
    const world = memoryWorld({ outageGraceMs: 0 });
    await world.poll();
    const good = record("session");
    world.records.set(good.id, good);
    await world.ask(tokenOf(good));
    lose(world);
    world.time.now = 2_000;
    assert.equal(wordOf(await world.ask(tokenOf(good))), "good all");
    world.time.now = 2_001;
    assert.equal(wordOf(await world.ask(tokenOf(good))), "unavailable");
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "unknown");
  });

  it("leases that were live go on, and a refusal that nobody can confirm is none; ends by the clock stay", async () => {
    const world = memoryWorld();
    await world.poll();
    const held = record("task", {
      subject: task({ heldUntil: noon + 10_000, deadline: noon + 100_000 }),
    });
    const dead = record("task", {
      id: "1234567890123456",
      subject: task({ uid: "dead", heldUntil: noon - 1 }),
    });
    const ended = record("task", {
      id: "2345678901234567",
      subject: task({ uid: "ended", state: "failed" }),
    });
    for (const each of [held, dead, ended]) {
      world.records.set(each.id, each);
      await world.ask(tokenOf(each));
    }
    lose(world);
    world.time.now = 20_000;
    assert.equal(wordOf(await world.ask(tokenOf(held))), "good all");
    assert.equal(wordOf(await world.ask(tokenOf(dead))), "unavailable");
    assert.equal(wordOf(await world.ask(tokenOf(ended))), "not_active state");
    world.time.now = 100_000;
    assert.equal(wordOf(await world.ask(tokenOf(held))), "not_active state");
  });

  it("a log that fails while the database answers does not give a grace: records are read anew", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("session");
    world.records.set(good.id, good);
    await world.ask(tokenOf(good));
    world.database.log = "faulty";
    world.time.now = 2_001;
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    world.records.set(good.id, { ...good, revokedAt: noon });
    assert.equal(wordOf(await world.ask(tokenOf(good))), "refused revoked");
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "unknown");
  });

  it("a read that fails by itself concerns nobody else", async () => {
    const world = memoryWorld();
    await world.poll();
    const [good, fresh] = [record("session"), record("task", { id: "1234567890123456" })];
    for (const each of [good, fresh]) world.records.set(each.id, each);
    world.database.state = "faulty";
    assert.equal(wordOf(await world.ask(tokenOf(fresh))), "unavailable");
    world.database.state = "up";
    assert.equal(wordOf(await world.ask(tokenOf(fresh))), "good all");
    // The log tells that the database is not lost, whatever a connection did.
    world.database.state = "lost";
    assert.equal(wordOf(await world.ask(tokenOf(good))), "unavailable");
    world.database.state = "up";
    await world.poll();
    assert.equal(wordOf(await world.ask(tokenOf(good))), "good all");
  });

  it("what this process committed itself is not vouched for before the log has told it", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("task");
    world.records.set(good.id, good);
    await world.ask(tokenOf(good));
    lose(world);
    await world.identifier.makeKnown([good.subject.uid]);
    assert.equal(wordOf(await world.ask(tokenOf(good))), "unavailable");
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "unknown");
    assert.equal(world.identifier.standing("other", 3n), "current");
    world.database.log = "up";
    world.database.state = "up";
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "current");
  });
});
