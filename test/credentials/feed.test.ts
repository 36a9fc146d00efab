import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createDatabaseClock } from "../../src/credentials/database-clock.ts";
import { createFeed, maxBehindMs, type EventSource } from "../../src/credentials/feed.ts";
import type { CredentialEvent, EventPosition } from "../../src/storage/credential/read-events.ts";
import { ConnectionError } from "../../src/storage/connection-error.ts";
import { noon } from "./support/records.ts";

/** A log of which a test says who answers, and up to where. Transactions have one event each, which shrinks. */
function fakeLog() {
  const state = {
    ...{ server: "1", fails: false, now: 0 },
    /** Transaction ids, and the subjects of their events. */
    transactions: new Map<bigint, string>(),
    next: 100n,
  };
  const asked: string[] = [];
  const event = (subjectUid: string): CredentialEvent => ({
    ...{ subjectUid, credentialId: undefined, realm: "acme:ci" },
    ...{ version: 2n, shrinks: true, at: noon },
  });
  const answer = (what: string, isTold: (xid: bigint) => boolean) => {
    asked.push(what);
    if (state.fails) return Promise.reject(new ConnectionError("lost"));
    const { server, next: xmin } = state;
    const position: EventPosition = { server, snapshot: `${xmin}:${xmin}:`, xmin, xmax: xmin };
    const told = [...state.transactions].filter(([xid]) => isTold(xid));
    return Promise.resolve({
      ...{ position, now: noon + state.now, events: told.map(([, uid]) => event(uid)) },
    });
  };
  const source: EventSource = {
    after: ({ xmax }) => answer("after", (xid) => xid >= xmax),
    shrinks: () => answer("shrinks", () => true),
  };
  return { state, asked, source };
}

function follow() {
  const log = fakeLog();
  const told: string[] = [];
  const now = (): number => log.state.now;
  const feed = createFeed(log.source, createDatabaseClock(now, now), now, {
    onRead: ({ events }, telling) => {
      told.push([telling, ...events.map(({ subjectUid }) => subjectUid)].join(" "));
    },
  });
  const read = async (): Promise<string | undefined> => {
    told.length = 0;
    await feed.refresh().catch(() => undefined);
    return told.join(", ");
  };
  return { ...log, feed, read };
}

describe("following the log of changes", () => {
  it("goes on where it was, and within one era, as long as every read succeeds", async () => {
    const { state, asked, feed, read } = follow();
    assert.equal(await read(), "anew");
    const era = feed.era();
    state.transactions.set(100n, "u1");
    state.next = 101n;
    assert.equal(await read(), "next u1");
    assert.equal(await read(), "next");
    assert.equal(feed.era(), era);
    assert.deepEqual(asked, ["shrinks", "after", "after"]);
  });

  it("goes on where it was after a failure, when the same run of the same server answers", async () => {
    const { state, asked, feed, read } = follow();
    await read();
    const era = feed.era();
    state.fails = true;
    assert.equal(await read(), "");
    assert.equal(await read(), "");
    state.transactions.set(100n, "meanwhile");
    [state.fails, state.next, state.now] = [false, 101n, maxBehindMs];
    asked.length = 0;
    assert.equal(await read(), "next meanwhile");
    assert.deepEqual(asked, ["after"]);
    assert.equal(feed.era(), era, "what was read before is told of without a gap");
    assert.equal(era.completeAt, maxBehindMs);
    assert.equal(feed.isLost(), false);
  });

  it("vouches later for nothing that is read while it cannot follow", async () => {
    const { state, feed, read } = follow();
    await read();
    const era = feed.era();
    [state.fails, state.now] = [true, 10];
    await read();
    const meanwhile = feed.era();
    assert.notEqual(meanwhile, era);
    assert.equal(meanwhile.completeAt, 0, "until then all is known all the same");
    await read();
    assert.equal(feed.era(), meanwhile);
    state.fails = false;
    await read();
    assert.deepEqual([era.completeAt, meanwhile.completeAt], [10, 0]);
  });

  it("begins again when it could not follow for so long that it would be too much to go on", async () => {
    const { state, asked, feed, read } = follow();
    await read();
    const era = feed.era();
    state.fails = true;
    await read();
    state.transactions.set(100n, "meanwhile");
    [state.fails, state.next, state.now] = [false, 101n, maxBehindMs + 1];
    asked.length = 0;
    assert.equal(await read(), "again meanwhile");
    assert.deepEqual(asked, ["shrinks"]);
    assert.notEqual(feed.era(), era, "records of before are not vouched for");
    assert.equal(await read(), "next");
  });

  it("begins anew after a failure when another server answers, or one that has not come as far", async () => {
    for (const changes of [{ server: "2" }, { next: 99n }]) {
      const { state, asked, feed, read } = follow();
      await read();
      const era = feed.era();
      state.fails = true;
      await read();
      Object.assign(state, { fails: false, ...changes });
      state.transactions.set(90n, "hidden");
      asked.length = 0;
      assert.equal(await read(), "anew hidden");
      assert.deepEqual(asked, ["after", "shrinks"]);
      assert.notEqual(feed.era(), era);
      assert.equal(await read(), "next");
    }
  });

  it("begins anew when another server answers although nothing failed", async () => {
    for (const changes of [{ server: "2", next: 120n }, { server: "2" }, { next: 99n }]) {
      const { state, asked, feed, read } = follow();
      await read();
      const era = feed.era();
      Object.assign(state, changes);
      state.transactions.set(90n, "hidden");
      asked.length = 0;
      assert.equal(await read(), "anew hidden");
      assert.deepEqual(asked, ["after", "shrinks"]);
      assert.notEqual(feed.era(), era);
    }
  });
});
