import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { emptyConfiguration } from "../../../src/domain/model.ts";
import { openSnapshot } from "../../../src/replica/snapshot-file/open-snapshot.ts";
import {
  createSnapshotKeeper,
  type SnapshotKeeper,
} from "../../../src/replica/snapshot-file/snapshot-keeper.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { eventually } from "../../e2e/support/eventually.ts";
import { makeFolder } from "./support/folders.ts";
import { release, stateOf } from "./support/states.ts";

const at = (revision: bigint): ReplicaState =>
  stateOf(new Map([["", emptyConfiguration]]), { revision });

/** A replica and its clocks, which only move when they are told. */
function setUp(path: string, startedFrom?: number, wall = 1_800_000_000_000) {
  const world = {
    state: at(1n) as ReplicaState | undefined,
    ageMs: 0,
    now: 5_000_000,
    wall,
    seen: [] as string[],
  };
  const keeper = createSnapshotKeeper({
    ...{ path, release, startedFrom, firstMs: 1, intervalMs: 1 },
    replica: {
      current: () => world.state,
      ageMs: () => (world.state === undefined ? undefined : world.ageMs),
    },
    wallClock: () => world.wall,
    now: () => world.now,
    events: {
      onWriteFailure: (error) => world.seen.push((error as NodeJS.ErrnoException).code ?? "?"),
      onWriteRecovery: () => world.seen.push("recovery"),
    },
  });
  /** Time passes for all clocks; storage confirms the state at the end of it, or is down. */
  const pass = (ms: number, confirmed: boolean): void => {
    world.now += ms;
    world.wall += ms;
    world.ageMs = confirmed ? 0 : world.ageMs + ms;
  };
  return { world, keeper, pass };
}

async function read(path: string, wall: number) {
  const rules = { release, maxStalenessMs: 1e12, now: () => wall };
  const opened = await openSnapshot(path, rules).catch(() => undefined);
  await opened?.close();
  return opened && { revision: opened.head.revision, confirmedAt: opened.confirmedAt };
}

const holds = (path: string, revision: bigint, confirmedAt: number) =>
  eventually(`the file holds revision ${revision}, confirmed at ${confirmedAt}`, async () => {
    const file = await read(path, confirmedAt);
    return file?.revision === revision && file.confirmedAt === confirmedAt;
  });

async function closed(keeper: SnapshotKeeper): Promise<void> {
  await keeper.close();
  await keeper.close();
}

describe("the keeper of a snapshot file", () => {
  it("writes soon, writes what changes, and confirms what does not", async () => {
    const path = join(makeFolder(), "snapshot");
    const { world, keeper, pass } = setUp(path);
    await holds(path, 1n, world.wall);
    const { ino } = statSync(path);
    pass(60_000, true);
    await holds(path, 1n, world.wall);
    assert.equal(statSync(path).ino, ino, "it is the same file");
    world.state = at(2n);
    pass(60_000, true);
    await holds(path, 2n, world.wall);
    assert.notEqual(statSync(path).ino, ino);
    // The file is there before the keeper knows: it still has to sync the folder.
    await eventually("the keeper knows", () => keeper.confirmedAt() === world.wall);
    await closed(keeper);
  });

  it("does not confirm while storage does not, and neither when the wall clock jumps meanwhile", async () => {
    const path = join(makeFolder(), "snapshot");
    const { world, keeper, pass } = setUp(path);
    const confirmedAt = world.wall;
    await holds(path, 1n, confirmedAt);
    const before = readFileSync(path);
    pass(3_600_000, false);
    // The machine slept, and the clock of the replica with it.
    world.wall += 36_000_000;
    await closed(keeper);
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(await read(path, world.wall), { revision: 1n, confirmedAt });
  });

  it("leaves the time of a file that the replica began with until storage confirms it anew", async () => {
    const path = join(makeFolder(), "snapshot");
    const first = setUp(path);
    const confirmedAt = first.world.wall;
    await holds(path, 1n, confirmedAt);
    await closed(first.keeper);
    const second = setUp(path, confirmedAt, confirmedAt + 7_200_000);
    await eventually("it was looked at", () => second.keeper.confirmedAt());
    assert.equal((await read(path, second.world.wall))?.confirmedAt, confirmedAt);
    second.pass(1000, true);
    await holds(path, 1n, second.world.wall);
    await closed(second.keeper);
  });

  it("writes at the end what came last", async () => {
    const path = join(makeFolder(), "snapshot");
    const { world, keeper } = setUp(path);
    await holds(path, 1n, world.wall);
    world.state = at(3n);
    await closed(keeper);
    assert.equal((await read(path, world.wall))?.revision, 3n);
  });

  it("writes nothing while there is no usable state", async () => {
    const path = join(makeFolder(), "snapshot");
    const { world, keeper } = setUp(path);
    world.state = undefined;
    await closed(keeper);
    assert.equal(existsSync(path), false);
    assert.equal(keeper.confirmedAt(), undefined);
  });

  it("tells once that it cannot write, and that it can again", async () => {
    const folder = join(makeFolder(), "not-yet");
    const path = join(folder, "snapshot");
    const { world, keeper } = setUp(path);
    await eventually("it failed", () => world.seen.length > 0);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setTimeout(done, 2));
    assert.deepEqual(world.seen, ["ENOENT"]);
    mkdirSync(folder);
    await holds(path, 1n, world.wall);
    await eventually("it says so", () => world.seen.includes("recovery"));
    // A file that others can read is not confirmed but replaced.
    chmodSync(path, 0o644);
    await eventually("it is for the owner only", () => (statSync(path).mode & 0o777) === 0o600);
    await closed(keeper);
    assert.deepEqual(world.seen, ["ENOENT", "recovery"]);
  });
});
