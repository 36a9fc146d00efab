import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FeedNews } from "../../src/credentials/identifier.ts";
import { memoryWorld, wordOf } from "./support/memory-database.ts";
import { bot, noon, record, task, tokenOf } from "./support/records.ts";

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
