import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Storage } from "../../src/storage/database.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { useDatabase } from "../support/database.ts";
import { addGroup, ann, follow } from "./support/followed.ts";

const open = useDatabase();

/** For what would wait for ever if it were wrong. */
const limited = { timeout: 20_000 };

async function addKey(storage: Storage): Promise<void> {
  const meta = { author: ann, reason: "", requestId: "", requestHash: "" };
  const key = {
    id: "0123456789abcdef",
    identity: ann,
    description: "",
    secretHash: "00".repeat(32),
    createdAt: new Date(0).toISOString(),
    createdBy: ann,
    expiresAt: null,
    revokedAt: null,
  };
  await writeChange(storage, meta, () =>
    Promise.resolve({
      source: undefined,
      changes: [{ kind: "api_key", key: key.id, before: undefined, after: key }],
    }),
  );
}

describe("a replica", () => {
  it("has no state before it is loaded", async () => {
    const { replica } = follow(await open());
    assert.equal(replica.current(), undefined);
    assert.equal(replica.ageMs(), undefined);
  });

  it("loads a new revision once, and only then", async () => {
    const storage = await open();
    const { replica, seen } = follow(storage);
    const told: (bigint | undefined)[] = [];
    const stop = replica.watch(() => told.push(replica.current()?.revision));
    await replica.refresh();
    await replica.refresh();
    await addGroup(storage, "g");
    await replica.refresh();
    await replica.refresh();
    assert.deepEqual(seen, ["state 0", "state 1"]);
    assert.deepEqual(told, [0n, 1n], "who watches finds the state in force");
    stop();
    await addKey(storage);
    await replica.refresh();
    assert.equal(told.length, 2);
    assert.equal(replica.current()?.snapshot.authDb.isMember(ann, "g"), true);
  });

  it("goes on with the same snapshot when only API keys have changed", async () => {
    const storage = await open();
    const { replica, seen } = follow(storage);
    await addGroup(storage, "g");
    await replica.refresh();
    const before = replica.current();
    await addKey(storage);
    await replica.refresh();
    const after = replica.current();
    assert.equal(after?.apiKeys.size, 1);
    assert.equal(after.snapshot.authDb, before?.snapshot.authDb);
    assert.equal(after.snapshot.revision, 2n);
    await addGroup(storage, "h");
    await replica.refresh();
    assert.equal(replica.current()?.snapshot.authDb.isMember(ann, "h"), true);
    assert.deepEqual(seen, ["state 1", "state 2", "state 3"]);
  });

  it("asks storage no more often for many refreshes at once than for two", async () => {
    const storage = await open();
    let looks = 0;
    const counted: Storage = new Proxy(storage, {
      get: (target, name) => {
        if (name === "quick") looks += 1;
        return Reflect.get(target, name) as unknown;
      },
    });
    const { replica } = follow(counted);
    await replica.refresh();
    looks = 0;
    await Promise.all(Array.from({ length: 200 }, () => replica.refresh()));
    assert.ok(looks >= 1 && looks <= 2, `${looks} looks`);
  });

  it("never changes a state that somebody holds", async () => {
    const storage = await open();
    const { replica } = follow(storage);
    await replica.refresh();
    const held = replica.current();
    await addGroup(storage, "g");
    await replica.refresh();
    assert.equal(held?.snapshot.authDb.isMember(ann, "g"), false);
    assert.equal(held?.revision, 0n);
  });

  it("follows by itself, and wakes who waits for the revision", async () => {
    const storage = await open();
    const { replica } = follow(storage);
    await replica.start();
    const waiting = replica.waitFor(1n, 10_000);
    await addGroup(storage, "g");
    assert.equal((await waiting)?.revision, 1n);
    await replica.close();
  });

  it("looks for what is new though nobody asks for it or tells of it", limited, async () => {
    const storage = await open();
    const { promise: arrived, resolve } = Promise.withResolvers<undefined>();
    const { replica } = follow(storage, {
      onState: ({ revision }) => {
        if (revision === 1n) resolve(undefined);
      },
    });
    await replica.start();
    await addGroup(storage, "g");
    await arrived;
    await replica.close();
  });

  it("waits as long as it is told to, and no longer", limited, async () => {
    const storage = await open();
    let looked = (): void => undefined;
    const looking: Storage = {
      ...storage,
      quick: (use, ms) => {
        looked();
        return storage.quick(use, ms);
      },
    };
    const { replica, pass } = follow(looking);
    await replica.refresh();
    let over = false;
    const waiting = replica.waitFor(9n, 1000).finally(() => {
      over = true;
    });
    pass(999);
    // It looks each time before it goes on to wait.
    for (let looks = 0; looks < 3; looks += 1) {
      await new Promise<void>((resolve) => (looked = resolve));
    }
    assert.equal(over, false);
    pass(1);
    assert.equal(await waiting, undefined);
  });

  it("gives up waiting when it is told to", async () => {
    const { replica } = follow(await open());
    await replica.refresh();
    const aborted = AbortSignal.abort();
    assert.equal(await replica.waitFor(9n, 60_000, aborted), undefined);
    assert.equal(await replica.waitFor(9n, 0), undefined);
  });

  it("has no usable state once that is older than max_staleness", async () => {
    const storage = await open();
    const { replica, pass } = follow(storage);
    await replica.refresh();
    pass(1000);
    assert.notEqual(replica.current(), undefined);
    pass(1);
    assert.equal(replica.current(), undefined);
    await replica.refresh();
    assert.notEqual(replica.current(), undefined);
  });

  it("is as old as the question that storage answered, not as the answer", async () => {
    const storage = await open();
    let takeTime = (): void => undefined;
    const slow: Storage = {
      ...storage,
      quick: (use, ms) => {
        takeTime();
        return storage.quick(use, ms);
      },
    };
    const { replica, pass } = follow(slow);
    takeTime = () => pass(400);
    await replica.refresh();
    assert.equal(replica.ageMs(), 400);
  });

  it("serves many refreshes at once with few looks at storage", async () => {
    const storage = await open();
    const { replica, seen } = follow(storage);
    await replica.refresh();
    await addGroup(storage, "g");
    await Promise.all(Array.from({ length: 50 }, () => replica.refresh()));
    assert.deepEqual(seen, ["state 0", "state 1"]);
    assert.equal(replica.current()?.revision, 1n);
  });
});
