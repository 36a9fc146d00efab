import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { formatCursor } from "../../src/credentials/revocation-cursor.ts";
import { maxBacklog } from "../../src/credentials/revocation-queue.ts";
import type { RunnerSubject } from "../../src/domain/credential/subject.ts";
import { createWatchSlots, maxWatches } from "../../src/rpc/credential/watch-slots.ts";
import { makeBot, makeCredential } from "./support/fake-credentials.ts";
import { now } from "./support/keys.ts";
import { change, openWatchBench, until, world, type WatchBench } from "./support/watch-bench.ts";
import { createState, keys, usual } from "./support/world.ts";

describe("WatchRevocations", () => {
  let bench: WatchBench;
  let fake: WatchBench["fake"];
  let open: WatchBench["open"];
  let tell: WatchBench["tell"];
  before(async () => {
    bench = await openWatchBench();
    ({ fake, open, tell } = bench);
  });
  after(() => bench.close());
  beforeEach(() => {
    bench.reset();
  });

  it("tells of realms in which the peer may identify callers, on every wire", async () => {
    for (const [wire, { name }] of bench.wires.entries()) {
      const stream = await open(keys.scheduler.token, wire);
      const secret = change("secret", "acme:pools/secret");
      tell([change("u1"), secret, { ...change("u2"), credentialId: "c" }]);
      const { revocations, completeAt, cursor } = await stream.next();
      assert.deepEqual(
        revocations.map(({ subjectUid, credentialId, version }) => [
          ...[subjectUid, credentialId, version],
        ]),
        [
          ["u1", "", 2n],
          ["u2", "c", 2n],
        ],
        name,
      );
      assert.equal(completeAt?.seconds, BigInt(now.getTime() / 1000));
      assert.ok(!cursor.includes("secret"));
      tell([]);
      assert.deepEqual((await stream.next()).revocations, [], "also that there is nothing");
      await stream.close();
    }
  });

  it("refuses a peer that may identify callers nowhere, before it takes a place", async () => {
    const before = fake.watchers();
    const stream = await open(keys.narrow.token, 0, "of another");
    assert.equal(await stream.failure(), "PERMISSION_REQUIRED");
    assert.equal(fake.watchers(), before);
  });

  it("judges what the peer may hear by the configuration of that moment", async () => {
    const stream = await open();
    tell([change("u1")]);
    assert.equal((await stream.next()).revocations.length, 1);
    tell([change("u2", "acme:pools/ci")]);
    assert.equal((await stream.next()).revocations.length, 0);
    bench.replica.state = createState(usual, 8n);
    tell([change("u3")]);
    assert.equal(await stream.failure(), "PERMISSION_REQUIRED");
  });

  it("ends when the credential of the peer does", async () => {
    const key = await open();
    bench.replica.state = createState(world, 8n, []);
    tell([change("u1")]);
    assert.equal(await key.failure(), "CREDENTIAL_REQUIRED");
    bench.replica.state = createState(world);
    const host = makeCredential("session", "host");
    const session = await open(fake.admit(host));
    tell([change("u1")]);
    assert.equal((await session.next()).revocations.length, 1);
    fake.verdicts.delete(host.token);
    tell([change("u2")]);
    assert.equal(await session.failure(), "CREDENTIAL_REQUIRED");
    await until(() => fake.watchers() === 0);
  });

  it("goes on for a session of which memory has nothing any more, by the database", async () => {
    const host = makeCredential("session", "host");
    const session = await open(fake.admit(host));
    fake.mode = "later";
    fake.time += 10_000;
    for (const uid of ["u1", "u2"]) {
      tell([change(uid)]);
      assert.equal((await session.next()).revocations[0]?.subjectUid, uid);
    }
    await session.close();
  });

  it("ends, rather than to grow, when more waits than may", async () => {
    const stream = await open();
    const many = Array.from({ length: maxBacklog + 1 }, (_, at) => change(`u${at}`));
    tell(many);
    assert.equal(await stream.failure(), "LIMIT_EXCEEDED");
    await until(() => fake.watchers() === 0);
  });

  it("refuses a cursor that it did not give, and one of long ago", async () => {
    const { tokenKey } = bench.replica.state ?? assert.fail();
    const cursor = { server: "1", xmin: 1n, completeAt: now.getTime() };
    const good = formatCursor(tokenKey, cursor);
    for (const text of ["x", "0", `${good}x`, formatCursor(new Uint8Array(32).fill(9), cursor)]) {
      const stream = await open(keys.scheduler.token, 0, text);
      assert.equal(await stream.failure(), "CURSOR_TOO_OLD", text);
    }
    assert.equal(fake.watchers(), 0);
    fake.missed = {
      server: "1",
      xmin: 90n,
      xmax: 95n,
      now: now.getTime() + 60 * 60_000 + 1,
      rows: [],
    };
    const old = await open(keys.scheduler.token, 0, good);
    assert.equal(await old.failure(), "CURSOR_TOO_OLD");
    const ahead = formatCursor(tokenKey, { ...cursor, xmin: 96n });
    fake.missed = { ...fake.missed, now: now.getTime() };
    const restored = await open(keys.scheduler.token, 0, ahead);
    assert.equal(await restored.failure(), "CURSOR_TOO_OLD");
    await until(() => fake.watchers() === 0);
  });

  it("refuses a cursor that may be beyond what was never told", async () => {
    const { tokenKey } = bench.replica.state ?? assert.fail();
    const cursor = formatCursor(tokenKey, { server: "1", xmin: 1n, completeAt: now.getTime() });
    const missed = { ...fake.missed, xmin: 90n, xmax: 95n };
    for (const [why, changes] of [
      ["another server answers", { server: "2" }],
      ["its clock went back", { now: now.getTime() - 1 }],
    ] as const) {
      fake.missed = { ...missed, ...changes };
      const stream = await open(keys.scheduler.token, 0, cursor);
      assert.equal(await stream.failure(), "CURSOR_TOO_OLD", why);
    }
    fake.missed = missed;
    const stream = await open(keys.scheduler.token, 0, cursor);
    assert.deepEqual((await stream.next()).revocations, []);
    await stream.close();
  });

  it("ends when something may never have been told: whoever watches drops all, and begins anew", async () => {
    const stream = await open();
    tell([change("u1")]);
    await stream.next();
    fake.tell({
      changes: [change("u2")],
      cursor: { server: "1", xmin: 101n, completeAt: now.getTime() },
      hasGap: true,
    });
    assert.equal(await stream.failure(), "CURSOR_TOO_OLD");
    await until(() => fake.watchers() === 0);
  });

  it("goes on from a cursor with what was missed, of the realms of the peer", async () => {
    const first = await open();
    tell([change("u1")], 50n);
    const { cursor } = await first.next();
    await first.close();
    const row = { credential_id: null, version: 3n };
    fake.missed = {
      ...{ server: "1", xmin: 60n, xmax: 70n, now: now.getTime() + 5000 },
      rows: [
        { subject_uid: "u2", realm: "acme:tasks", ...row },
        { subject_uid: "u3", realm: "acme:pools/secret", ...row },
      ],
    };
    fake.time = fake.missed.now;
    const second = await open(keys.scheduler.token, 0, cursor);
    const { revocations, completeAt } = await second.next();
    assert.deepEqual(
      revocations.map(({ subjectUid, version }) => [subjectUid, version]),
      [["u2", 3n]],
    );
    assert.equal(completeAt?.seconds, BigInt(now.getTime() / 1000 + 5));
    await second.close();
  });

  it("needs no reader to be gone from: whoever goes away takes nothing with it", async () => {
    for (const [wire] of bench.wires.entries()) {
      const stream = await open(keys.scheduler.token, wire);
      for (let at = 0; at < 50; at += 1) tell([change(`u${at}`)]);
      await stream.close();
    }
  });

  it("gives each machine of a runner places of its own: one keeps no other from watching", async () => {
    const { generation, epoch, realm, version, uid } = makeBot("host");
    const subject: RunnerSubject = {
      ...{ kind: "runner", id: "host", uid, generation, epoch, realm, version },
      ...{ pool: undefined, deleted: false, paused: false },
    };
    const [one, other] = ["m1", "m2"].map((systemId) =>
      fake.admit(makeCredential("runner", systemId, { subject, systemId })),
    );
    const taken = await Promise.all(
      Array.from({ length: maxWatches.ofPeer }, async () => open(one)),
    );
    tell([]);
    await Promise.all(taken.map(async (stream) => stream.next()));
    const failure = async (token: string | undefined) =>
      (await open(token, 0, "of another")).failure();
    assert.equal(await failure(one), "LIMIT_EXCEEDED");
    assert.equal(await failure(other), "CURSOR_TOO_OLD");
    await Promise.all(taken.map(async (stream) => stream.close()));
  });

  it("has room for so many streams of a peer, and in all", () => {
    const take = createWatchSlots({ ofPeer: 2, inAll: 3, things: 3 });
    const end = take("a");
    take("a");
    assert.throws(() => take("a"), /of this peer/);
    take("b");
    assert.throws(() => take("b"), /3 streams/);
    end();
    take("b");
    assert.throws(() => take("a"), /3 streams/);
  });

  it("has room for so much that is watched, by however many", () => {
    const take = createWatchSlots({ ofPeer: 2, inAll: 9, things: 10 }, "claims");
    const end = take("a", 6);
    assert.throws(() => take("b", 5), /of 10 claims that may be watched, 6 are/);
    take("b", 4);
    assert.throws(() => take("c"), {
      reason: "LIMIT_EXCEEDED",
      metadata: { limit: "claim_watches" },
    });
    end();
    take("c", 6);
    assert.throws(() => take("d"), /10 are/);
  });
});
