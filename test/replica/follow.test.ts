import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EntityChange } from "../../src/domain/entity.ts";
import { foldIdentity, type Identity } from "../../src/domain/identity.ts";
import { checkPoolPerm } from "../../src/engine/checker/check-pool-perm.ts";
import { advanceState, branchState } from "../../src/replica/change-state.ts";
import { configurationsOf } from "../../src/replica/configurations.ts";
import { follow, load, type FollowEvents } from "../../src/replica/follow.ts";
import { inspectionOf } from "../../src/replica/inspection.ts";
import { createOrigin } from "../../src/replica/origin.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import type { Storage } from "../../src/storage/database.ts";
import { writeChange } from "../../src/storage/write-change.ts";
import { createState } from "../rpc/support/world.ts";
import { emptyConfiguration } from "../../src/domain/model.ts";
import { forEachBackend, useDatabase } from "../support/database.ts";
import { createRandom, createRandomChanges, type RandomChange } from "./support/random-changes.ts";

const meta = { author: "user:root@x.com", reason: "", requestId: "", requestHash: "" };
const callers = ["user:ann@x.com", "user:bob@x.com", "bot:one", "service:s"] as Identity[];

/** Everything that can be told of a state, as plain values. */
function describeState(state: ReplicaState): unknown {
  const { snapshot } = state;
  return {
    revision: state.revision,
    token: state.revisionToken,
    configurations: configurationsOf(state),
    revisions: [...snapshot.groups.entries()]
      .map(({ name, revision, managedBy }) => `${name} ${revision} ${managedBy}`)
      .sort(),
    sources: state.sources,
    keys: new Map(state.apiKeys.entries()),
    hashes: new Map(state.recentHashes.entries()),
    answers: answersOf(state),
  };
}

function answersOf({ snapshot }: Pick<ReplicaState, "snapshot">): unknown {
  return callers.map((caller) => ({
    groups: ["administrators", "a", "b", "c", "ext/d", "ext/e"].map((group) =>
      snapshot.authDb.isMember(caller, group),
    ),
    pools: ["ci", "dev", "secret"].map(
      (pool) => checkPoolPerm(snapshot, caller, "swarming.pools.createTask", pool).permitted,
    ),
  }));
}

async function write(storage: Storage, { source, changes }: RandomChange): Promise<void> {
  await writeChange(storage, meta, () => Promise.resolve({ source, changes }));
}

const events: FollowEvents = {
  onMisfit: (cause) => {
    throw new Error("the changes do not fit", { cause });
  },
};

forEachBackend((_, open) => {
  describe("following", () => {
    it("comes by changes to the state that a load gives, however many of them it takes at once", async () => {
      const storage = await open();
      const random = createRandom(7);
      const next = createRandomChanges(random);
      let state = await load(storage, events);
      for (let round = 0; round < 30; round += 1) {
        for (let count = Math.floor(random() * 6); count >= 0; count -= 1) {
          await write(storage, next());
        }
        const before = describeState(state);
        const held = state;
        state = await follow(storage, state, events);
        assert.deepEqual(describeState(state), describeState(await load(storage, events)));
        assert.deepEqual(describeState(held), before);
      }
    });
  });
});

describe("a state", () => {
  it("that took 10,000 random changes is the one that is made afresh, and so is each branch of it", () => {
    const next = createRandomChanges(createRandom(42));
    let state = createState(emptyConfiguration, 0n, []);
    state = { ...state, policies: new Map(), sources: new Map() };
    for (let count = 1; count <= 10_000; count += 1) {
      const { source, changes } = next();
      const revision = state.revision + 1n;
      const change = { revision, hash: new Uint8Array(32), source, items: changes };
      const branch = count % 500 === 0 ? branchState(state, [change]) : undefined;
      const before = count % 500 === 0 ? state : undefined;
      const told = before && answersOf(before);
      state = advanceState(state, [change]);
      if (count % 500 !== 0) continue;
      const configurations = configurationsOf(state);
      const fresh = createOrigin(revision, configurations);
      assert.deepEqual(answersOf(state), answersOf(fresh), `after ${count}`);
      assert.deepEqual(state.expanded, fresh.expanded);
      assert.deepEqual(branch && configurationsOf(branch), configurations);
      assert.deepEqual(branch && answersOf(branch), answersOf(state));
      assert.deepEqual(before && answersOf(before), told);
      assert.equal(inspectionOf(state).snapshot, state.snapshot);
    }
  });
});

describe("following a large change", () => {
  const open = useDatabase();

  function memberChanges(count: number, first = 0): readonly EntityChange[] {
    return Array.from({ length: count }, (_, index) => {
      const member = `user:u${first + index}@x.com` as Identity;
      const after = { group: "big", member };
      return { kind: "group_member", key: `big ${foldIdentity(member)}`, before: undefined, after };
    });
  }

  const big: EntityChange = {
    kind: "group",
    key: "big",
    before: undefined,
    after: { name: "big", description: "", owners: "administrators" },
  };

  it("takes it in slices, loads when it is too large, and comes to the same", async () => {
    const storage = await open();
    let loads = 0;
    const counted = { ...events, onProgress: () => void (loads += 1) };
    let state = await load(storage, events);
    await write(storage, { source: undefined, changes: [big, ...memberChanges(12_345)] });
    state = await follow(storage, state, counted);
    assert.equal(loads, 0);
    assert.equal(state.snapshot.groups.entry("big")?.members.size, 12_345);
    await write(storage, { source: undefined, changes: memberChanges(70_000, 12_345) });
    state = await follow(storage, state, counted);
    assert.ok(loads > 0);
    assert.equal(state.snapshot.groups.entry("big")?.members.size, 82_345);
    assert.equal(state.snapshot.authDb.isMember("user:u82344@x.com" as Identity, "big"), true);
    const gone = memberChanges(40_000).map(
      ({ after, ...change }) => ({ ...change, before: after, after: undefined }) as EntityChange,
    );
    await write(storage, { source: undefined, changes: gone });
    state = await follow(storage, state, events);
    assert.deepEqual(describeState(state), describeState(await load(storage, events)));
  });
});
