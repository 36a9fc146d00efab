import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  createKeyCache,
  maxWaiting,
  type KeyCache,
  type KeyTiming,
} from "../../src/identity/key-cache.ts";
import { parseKeySet, type KeySet } from "../../src/identity/key-set.ts";
import { makeKeyPair, type TestKeyPair } from "./support/test-issuer.ts";

const timing: KeyTiming = {
  maxAgeMs: 600_000,
  refreshGapMs: 30_000,
  retryGapMs: 5000,
  graceMs: 86_400_000,
  loadMs: 5000,
};

let old: TestKeyPair;
let fresh: TestKeyPair;
before(async () => {
  [old, fresh] = [await makeKeyPair("old"), await makeKeyPair("fresh")];
});

/** A cache whose time and loads the test decides. */
function setUp(changes: Partial<KeyTiming> = {}) {
  const told: string[] = [];
  const bench = {
    time: 1_000_000,
    loads: 0,
    /** What the next load gives. */
    next: (): Promise<KeySet> => Promise.resolve(parseKeySet({ keys: [old.jwk] })),
    told,
  };
  const cache: KeyCache = createKeyCache({
    load: () => {
      bench.loads += 1;
      return bench.next();
    },
    timing: { ...timing, ...changes },
    monotonic: () => bench.time,
    onLoad: (loaded) => told.push(loaded instanceof Error ? loaded.message : "loaded"),
  });
  const find = async (kid: string | undefined) => {
    const found = await cache.find("ES256", kid);
    return typeof found === "string" ? found : "found";
  };
  return { bench, cache, find };
}

const down = () => Promise.reject(new Error("down"));
const rotated = () => Promise.resolve(parseKeySet({ keys: [fresh.jwk] }));

describe("createKeyCache", () => {
  it("loads at the first need, once for all who wait", async () => {
    const { bench, find } = setUp();
    assert.equal(bench.loads, 0);
    const found = await Promise.all(Array.from({ length: 50 }, () => find("old")));
    assert.ok(found.every((one) => one === "found"));
    assert.equal(bench.loads, 1);
  });

  it("loads at most once in a gap, however many unknown keys are named", async () => {
    const { bench, find } = setUp();
    await find("old");
    bench.time += timing.refreshGapMs;
    for (let round = 0; round < 3; round += 1) {
      const found = await Promise.all(Array.from({ length: 200 }, (_, n) => find(`x${n}`)));
      assert.ok(found.every((one) => one === "none"));
      for (let n = 0; n < 50; n += 1) await find(`y${n}`);
      assert.equal(bench.loads, 2 + round);
      bench.time += timing.refreshGapMs;
    }
    bench.time -= 1;
    await find("x");
    assert.equal(bench.loads, 4);
  });

  it("finds a key that came with a rotation, and forgets the one that went", async () => {
    const { bench, find } = setUp();
    await find("old");
    bench.next = rotated;
    assert.equal(await find("fresh"), "none", "too early to look again");
    bench.time += timing.refreshGapMs;
    assert.equal(await find("fresh"), "found");
    assert.equal(await find("old"), "none");
  });

  it("loads again when keys get old, while they stay in use", async () => {
    const { bench, cache, find } = setUp();
    await find("old");
    bench.time += timing.maxAgeMs;
    bench.next = rotated;
    assert.equal(await find("old"), "found");
    assert.equal(await find("old"), "none");
    assert.equal(bench.loads, 2);
    assert.equal(cache.ageMs(), 0);
  });

  it("goes on with the last good keys for the time of grace when loading fails", async () => {
    const { bench, cache, find } = setUp();
    await find("old");
    bench.next = down;
    for (const hour of [1, 12, 23]) {
      bench.time = 1_000_000 + hour * 3_600_000;
      const loads = bench.loads;
      for (let n = 0; n < 50; n += 1) assert.equal(await find("old"), "found");
      assert.equal(bench.loads, loads + 1, "one try a gap, not one a token");
      assert.equal(cache.ageMs(), hour * 3_600_000);
    }
    assert.deepEqual(bench.told, ["loaded", "down", "down", "down"]);
    bench.time = 1_000_000 + timing.graceMs;
    assert.equal(await find("old"), "unknown");
  });

  it("tells that keys were never loaded, and tries again after a gap", async () => {
    const { bench, cache, find } = setUp();
    bench.next = down;
    const found = await Promise.all([find("old"), find("old"), find("old")]);
    assert.deepEqual(found, ["unknown", "unknown", "unknown"]);
    assert.equal(await find("old"), "unknown");
    assert.equal(bench.loads, 1);
    assert.equal(cache.ageMs(), undefined);
    bench.time += timing.retryGapMs;
    bench.next = rotated;
    assert.equal(await find("fresh"), "found");
    assert.equal(bench.loads, 2);
  });

  it("does not let an issuer take its time", async () => {
    let ended = false;
    const told: (KeySet | Error)[] = [];
    const slow = createKeyCache({
      load: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            ended = true;
            reject(new Error("aborted"));
          });
        }),
      timing: { ...timing, loadMs: 1 },
      monotonic: () => 0,
      onLoad: (loaded) => told.push(loaded),
    });
    // The time of a load keeps no process alive, so the test does.
    const alive = setInterval(() => {}, 1000);
    assert.equal(await slow.find("ES256", "old"), "unknown");
    clearInterval(alive);
    assert.ok(ended);
    assert.ok(told[0] instanceof Error);
    assert.match(told[0].message, /no answer within 1 ms/);
  });

  it("does not wait for a load that does not end when it is told to", async () => {
    const hanging = createKeyCache({
      load: () => new Promise(() => {}),
      timing: { ...timing, loadMs: 1 },
      monotonic: () => 0,
      onLoad: () => {},
    });
    const alive = setInterval(() => {}, 1000);
    assert.equal(await hanging.find("ES256", "old"), "unknown");
    clearInterval(alive);
  });

  it("lets only so many wait for a load; what more there are could not be told", async () => {
    const { bench, cache, find } = setUp();
    const loaded = Promise.withResolvers<KeySet>();
    bench.next = () => loaded.promise;
    const waiting = Array.from({ length: maxWaiting }, () => find("old"));
    assert.equal(await find("old"), "unknown");
    loaded.resolve(parseKeySet({ keys: [old.jwk] }));
    assert.ok((await Promise.all(waiting)).every((one) => one === "found"));

    bench.time += timing.refreshGapMs;
    const again = Promise.withResolvers<KeySet>();
    bench.next = () => again.promise;
    const strangers = Array.from({ length: maxWaiting }, () => find("x"));
    assert.equal(await find("x"), "unknown", "it may be a key of now");
    assert.equal(await find("old"), "found", "who needs no load is not held up");
    again.resolve(parseKeySet({ keys: [old.jwk] }));
    assert.ok((await Promise.all(strangers)).every((one) => one === "none"));
    assert.equal(await find("x"), "none", "there is room again");
    cache.close();
  });

  it("ends a load under way when it is closed, and begins no other", async () => {
    let signalled = false;
    const { bench, cache, find } = setUp();
    const told: (KeySet | Error)[] = [];
    const hanging = createKeyCache({
      load: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            signalled = true;
            reject(new Error("aborted"));
          });
        }),
      timing,
      monotonic: () => 0,
      onLoad: (loaded) => told.push(loaded),
    });
    const waiting = hanging.find("ES256", "old");
    hanging.close();
    assert.equal(await waiting, "unknown");
    assert.ok(signalled);
    assert.deepEqual(told, []);
    cache.close();
    assert.equal(await find("old"), "unknown");
    assert.equal(bench.loads, 0);
  });
});
