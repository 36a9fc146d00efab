import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createGateKeeper,
  type GateKeeper,
  type GateKeeperDeps,
  type GateLease,
} from "../../src/credentials/gate-keeper.ts";

const second = 1_000;

interface World {
  now: number;
  /** What the database holds; an error: it does not answer. */
  leases: readonly GateLease[] | Error;
  reads: number;
  readonly told: string[];
  readonly lease: (area: GateLease["area"], ms: number) => GateLease;
  readonly keeper: GateKeeper;
  readonly isClosed: () => readonly string[];
}

/** A keeper of a database that says what the test says. */
function open(changes: Partial<GateKeeperDeps> = {}): World {
  const told: string[] = [];
  const world: World = {
    now: 1_000_000,
    leases: [],
    reads: 0,
    told,
    lease: (area: GateLease["area"], ms: number): GateLease => ({
      ...{ area, acquiredAt: new Date(world.now), leaseUntil: new Date(world.now + ms) },
    }),
    keeper: createGateKeeper({
      readGates: async () => {
        await Promise.resolve();
        world.reads += 1;
        if (world.leases instanceof Error) throw world.leases;
        // As storage does: those that live.
        return world.leases.filter(({ leaseUntil }) => leaseUntil.getTime() > world.now);
      },
      databaseNow: () => world.now,
      random: () => 0.5,
      ignored: false,
      events: {
        onFailure: (error) => told.push(`failure ${String(error)}`),
        onRecovery: () => told.push("recovery"),
        onChange: (area, closed) => told.push(`${area} ${closed ? "closed" : "open"}`),
      },
      ...changes,
    }),
    isClosed: () => {
      const { status } = world.keeper;
      return status().flatMap(({ area, closed }) => (closed ? [area] : []));
    },
  };
  return world;
}

describe("a keeper of gates (U73)", () => {
  it("keeps an area closed as long as its lease is renewed, beyond the first one's end (LH3)", async () => {
    const world = open();
    for (let at = 0; at < 200; at += 20) {
      world.leases = [world.lease("issue", 60 * second)];
      await world.keeper.refresh();
      for (let step = 0; step < 20; step += 1) {
        assert.equal(world.keeper.refuse("issue"), 60_000, `${at + step} s`);
        assert.equal(world.keeper.refuse("fleet"), undefined);
        world.now += second;
      }
    }
  });

  it("opens by itself at the very instant when the lease ends (L3), also while the database does not answer", async () => {
    for (const isLost of [false, true]) {
      const world = open();
      world.leases = [world.lease("all", 60 * second)];
      await world.keeper.refresh();
      if (isLost) world.leases = new Error("away");
      await world.keeper.refresh();
      await world.keeper.refresh();
      world.now += 60 * second - 1;
      assert.deepEqual(world.isClosed(), ["issue", "fleet"]);
      world.now += 1;
      assert.deepEqual(world.isClosed(), []);
      assert.equal(world.keeper.refuse("issue"), undefined);
      await world.keeper.refresh();
      const lost = isLost ? ["failure Error: away"] : [];
      assert.deepEqual(world.told, [
        ...["issue closed", "fleet closed", ...lost],
        ...["issue open", "fleet open"],
      ]);
    }
  });

  it("is open until it could read for the first time, and tells of a failure once", async () => {
    const world = open();
    world.leases = new Error("away");
    await world.keeper.refresh();
    await world.keeper.refresh();
    assert.deepEqual(world.isClosed(), []);
    world.leases = [world.lease("fleet", second)];
    await world.keeper.refresh();
    assert.deepEqual(world.isClosed(), ["fleet"]);
    assert.deepEqual(world.told, ["failure Error: away", "recovery", "fleet closed"]);
  });

  it("keeps an area closed as long as one of several holders does", async () => {
    const world = open();
    world.leases = [world.lease("issue", 10 * second), world.lease("all", 30 * second)];
    await world.keeper.refresh();
    world.now += 15 * second;
    assert.deepEqual(world.isClosed(), ["issue", "fleet"]);
    world.leases = [world.lease("issue", 60 * second)];
    await world.keeper.refresh();
    assert.deepEqual(world.isClosed(), ["issue"]);
    world.leases = [];
    await world.keeper.refresh();
    assert.deepEqual(world.isClosed(), []);
  });

  it("sends callers away for a minute, give or take a fifth, each for another time", async () => {
    const world = open({ random: Math.random });
    world.leases = [world.lease("issue", 60 * second)];
    await world.keeper.refresh();
    const delays = Array.from({ length: 200 }, () => world.keeper.refuse("issue") ?? NaN);
    assert.ok(delays.every((ms) => ms >= 48_000 && ms <= 72_000 && Number.isInteger(ms)));
    assert.ok(new Set(delays).size > 100);
    assert.ok(Math.min(...delays) < 54_000 && Math.max(...delays) > 66_000);
    for (const [random, ms] of [
      [0, 48_000],
      [1, 72_000],
    ] as const) {
      const edge = open({ random: () => random });
      edge.leases = [edge.lease("issue", second)];
      await edge.keeper.refresh();
      assert.equal(edge.keeper.refuse("issue"), ms);
    }
  });

  it("lets the time in which an answer may be asked for again stand still while `issue` is closed (U48)", async () => {
    const world = open({ random: () => 1 });
    const sentAt = world.now;
    assert.equal(world.keeper.lostAnswerMs(), 60 * second);
    world.now += 59 * second;
    world.leases = [world.lease("all", 60 * second), world.lease("issue", 600 * second)];
    await world.keeper.refresh();
    world.now += 300 * second;
    await world.keeper.refresh();
    // Who is sent away just before it opens comes back so late.
    const back = world.now + (world.keeper.refuse("issue") ?? NaN);
    world.leases = [world.lease("fleet", 600 * second)];
    await world.keeper.refresh();
    world.now = back + second - 1;
    assert.ok(world.now - sentAt < world.keeper.lostAnswerMs());
    world.now += 1;
    assert.ok(world.now - sentAt >= world.keeper.lostAnswerMs());
    world.now = back + 60 * second;
    assert.equal(world.keeper.lostAnswerMs(), 60 * second);
  });

  it("counts what it refuses, by area", async () => {
    const world = open();
    world.leases = [world.lease("issue", second)];
    await world.keeper.refresh();
    for (const area of ["issue", "issue", "fleet"] as const) world.keeper.refuse(area);
    assert.deepEqual(world.keeper.status(), [
      { area: "issue", closed: true, refused: 2 },
      { area: "fleet", closed: false, refused: 0 },
    ]);
  });

  it("keeps nothing closed, and asks nobody, where gates are ignored (L2)", async () => {
    const world = open({ ignored: true });
    world.leases = [world.lease("all", 60 * second)];
    await world.keeper.start();
    await world.keeper.refresh();
    assert.equal(world.keeper.refuse("issue"), undefined);
    assert.deepEqual(world.isClosed(), []);
    assert.equal(world.reads, 0);
    await world.keeper.close();
  });

  it("reads again each second, and no more once it is closed", async (test) => {
    test.mock.timers.enable({ apis: ["setTimeout"] });
    const world = open();
    await world.keeper.start();
    assert.equal(world.reads, 1);
    for (let count = 2; count < 5; count += 1) {
      test.mock.timers.tick(second);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(world.reads, count);
    }
    await world.keeper.close();
    test.mock.timers.tick(10 * second);
    await world.keeper.refresh();
    assert.equal(world.reads, 4);
  });
});
