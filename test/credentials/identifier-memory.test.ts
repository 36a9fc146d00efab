import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maxAbsentKeys } from "../../src/credentials/absent-keys.ts";
import type { FeedNews } from "../../src/credentials/identifier.ts";
import { memoryWorld, wordOf } from "./support/memory-database.ts";
import { bot, noon, record, task, tokenOf } from "./support/records.ts";

const unknownToken = (count: number): string =>
  tokenOf({ kind: "task", id: count.toString(36).padStart(16, "0") });

describe("what is in memory", () => {
  it("is used for two seconds after it was read, and after that as long as the log is followed", async () => {
    const world = memoryWorld();
    const good = record("session");
    world.records.set(good.id, good);
    await world.ask(tokenOf(good));
    world.time.now = 2_000;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
    world.time.now = 2_001;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    await world.poll();
    // It was read before anybody followed the log.
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    await world.ask(tokenOf(good));
    for (let second = 0; second < 60; second += 1) {
      world.time.now += 1_000;
      await world.poll();
      assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
    }
    world.time.now += 2_001;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    assert.equal(world.reads.length, 2);
  });

  it("is forgotten when the log tells of it, and of all credentials of the subject", async () => {
    const world = memoryWorld();
    await world.poll();
    const [one, two] = [record("session"), record("resume", { id: "qponmlkjihgfedcb" })];
    const other = record("task", { id: "1234567890123456", subject: task({ uid: "other" }) });
    for (const each of [one, two, other]) {
      world.records.set(each.id, each);
      await world.ask(tokenOf(each));
    }
    world.change({ ...one, revokedAt: noon, subject: bot({ version: 4n }) });
    assert.equal(wordOf(world.askNow(tokenOf(one))), "good all");
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(one))), "ask");
    assert.equal(wordOf(world.askNow(tokenOf(two))), "ask");
    assert.equal(wordOf(world.askNow(tokenOf(other))), "good all");
    assert.equal(wordOf(await world.ask(tokenOf(one))), "refused revoked");
  });

  it("is asked for many at once when it has all of them, and else counts as not asked", async () => {
    const world = memoryWorld();
    const [one, two] = [record("session"), record("task", { id: "1234567890123456" })];
    for (const each of [one, two]) world.records.set(each.id, each);
    const hits = (): number => world.identifier.status().hits;
    await world.ask(tokenOf(one));
    assert.equal(world.askAllNow([tokenOf(one), "no token", tokenOf(two)]), undefined);
    assert.equal(hits(), 0);
    await world.ask(tokenOf(two));
    const verdicts = world.askAllNow([tokenOf(two), "no token", tokenOf(one)]);
    assert.deepEqual(
      verdicts?.map((each) => wordOf(each)),
      [tokenOf(two), "no token", tokenOf(one)].map((token) => wordOf(world.askNow(token))),
    );
    assert.equal(hits(), 2 + 2);
    assert.deepEqual(world.askAllNow([]), []);
  });

  it("stays when the log tells what it has already", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("session", { subject: bot({ version: 4n }) });
    world.change(good);
    await world.ask(tokenOf(good));
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
  });

  it("U55 dies in memory at the instant at which it dies", async () => {
    const world = memoryWorld();
    await world.poll();
    const good = record("session", { expiresAt: noon + 1_000 });
    world.records.set(good.id, good);
    await world.ask(tokenOf(good));
    world.time.now = 998;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "good all");
    world.time.now = 1_000;
    assert.equal(wordOf(world.askNow(tokenOf(good))), "refused expired");
    assert.equal(world.reads.length, 1);
  });

  it("asks once for all who ask in the same turn, each for what it asked", async () => {
    const world = memoryWorld();
    const all = Array.from({ length: 100 }, (_, index) =>
      record("task", {
        id: index.toString(36).padStart(16, "0"),
        subject: task({ uid: `u${index}`, id: `t${index}` }),
      }),
    );
    for (const each of all.slice(0, 60)) world.records.set(each.id, each);
    const verdicts = await Promise.all([...all, ...all].map((each) => world.ask(tokenOf(each))));
    assert.equal(world.reads.length, 1);
    assert.equal(world.reads[0]?.length, 100);
    for (const [index, verdict] of verdicts.entries()) {
      const expected = index % 100 < 60 ? all[index % 100]?.id : undefined;
      assert.equal(verdict.kind === "good" ? verdict.record.id : undefined, expected);
    }
  });
});

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
    // It answers again: the log says so, and records of before are read anew.
    world.database.state = "up";
    world.database.log = "up";
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    assert.equal(wordOf(await world.ask(tokenOf(good))), "good all");
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

describe("what was signed", () => {
  it("ends with the first change by which somebody may do less, within two seconds or nobody knows", async () => {
    const world = memoryWorld();
    const good = record("task");
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "unknown");
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "current");
    world.change({ ...good, subject: task({ version: 4n }) }, false);
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "current");
    world.change({ ...good, subject: task({ version: 5n }) });
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 4n), "ended");
    assert.equal(world.identifier.standing(good.subject.uid, 5n), "current");
    world.time.now = 2_000;
    assert.equal(world.identifier.standing(good.subject.uid, 5n), "current");
    world.time.now = 2_001;
    assert.equal(world.identifier.standing(good.subject.uid, 5n), "unknown");
    // While the database is lost, the grace holds for these as well.
    world.database.log = "lost";
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 4n), "ended");
    assert.equal(world.identifier.standing(good.subject.uid, 5n), "current");
    world.time.now = 300_001;
    assert.equal(world.identifier.standing(good.subject.uid, 5n), "unknown");
  });

  it("ends by what was revoked while nobody could follow the log, and that is counted once", async () => {
    const world = memoryWorld();
    const good = record("task");
    world.change({ ...good, subject: task({ uid: "before" }) });
    await world.poll();
    const count = (): number => world.identifier.status().lag.counts.reduce((a, b) => a + b);
    world.database.log = "lost";
    await world.poll();
    world.time.now = 700;
    world.change({ ...good, subject: task({ version: 4n }) });
    world.database.log = "up";
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "ended");
    assert.equal(count(), 1);
    await world.poll();
    assert.equal(count(), 1);
  });

  it("stands by what the log of another server says, of which nothing in memory is taken for good", async () => {
    const world = memoryWorld();
    const good = record("task");
    await world.poll();
    world.records.set(good.id, good);
    await world.ask(tokenOf(good));
    world.database.server = "2";
    await world.poll();
    assert.equal(wordOf(world.askNow(tokenOf(good))), "ask");
    assert.equal(world.identifier.standing(good.subject.uid, 3n), "current");
  });

  it("is told about right after a start", async () => {
    const world = memoryWorld();
    const good = record("task");
    world.change({ ...good, subject: task({ version: 5n }) });
    await world.poll();
    assert.equal(world.identifier.standing(good.subject.uid, 4n), "ended");
    assert.equal(world.identifier.standing(good.subject.uid, 5n), "current");
  });
});

describe("those who watch", () => {
  it("hear of changes as they are learnt, else by a read of the log that tells nothing, with where they stand", async () => {
    const world = memoryWorld();
    await world.poll();
    const told: FeedNews[] = [];
    const stop = world.identifier.watch((news) => void told.push(news));
    const good = record("task", { subject: task({ version: 4n }) });
    world.time.now = 399;
    await world.poll();
    assert.equal(told.length, 0);
    world.time.now = 400;
    await world.poll();
    assert.deepEqual(
      told.map(({ changes, cursor }) => [changes.length, cursor.completeAt]),
      [[0, noon + 400]],
    );
    world.change(good);
    await world.poll();
    assert.deepEqual(
      told[1]?.changes.map(({ version }) => version),
      [4n],
    );
    stop();
    world.change({ ...good, subject: task({ version: 5n }) });
    await world.poll();
    assert.equal(told.length, 2);
    assert.deepEqual(told[1]?.cursor, { server: "1", completeAt: noon + 400, xmin: 2n });
  });
});
