import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { DomainError } from "../../../../src/domain/errors.ts";
import { toConnectError } from "../../../../src/rpc/errors.ts";
import { open, openWatching } from "./support/fake-watch.ts";

describe("a caller identifier", () => {
  it("asks once however many want the same at a time, and again for another question", async (context) => {
    const fake = await open(context);
    const { identify } = fake.identifier;
    const all = await Promise.all([identify("t"), identify("t"), identify("t"), identify("u")]);
    assert.deepEqual(
      all.map(({ caller }) => caller.identity),
      ["task:t", "task:t", "task:t", "task:u"],
    );
    assert.deepEqual(
      fake.asked.map(({ token }) => token),
      ["t", "u"],
    );
    await identify("t", { wantPermission: "p" });
    await identify("t", { targetSubject: "p" });
    await identify("t", { wantPermission: "p" });
    assert.equal(fake.asked.length, 4);
  });

  it("remembers for 2 s without a watch that is up to date, to the millisecond", async (context) => {
    const fake = await open(context);
    await fake.identifier.identify("t");
    fake.clock.now += 1999;
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 1);
    fake.clock.now += 1;
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2);
  });

  it("remembers for 30 s while the watch is up to date, and 2 s when it is silent", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    for (let second = 1; second < 30; second += 1) {
      fake.clock.now += 1000;
      await fake.tell({});
      await fake.identifier.identify("t");
      assert.equal(fake.asked.length, 1, `after ${second} s`);
    }
    fake.clock.now += 1000;
    await fake.tell({});
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2, "after 30 s");
    fake.clock.now += 1999;
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2);
    fake.clock.now += 1;
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 3, "nothing was told for 2 s");
  });

  it("is not taken in by messages on time that complete less and less", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    const completeAt = timestampFromMs(1_900_000_000_000 + fake.clock.now);
    for (let second = 1; second <= 3; second += 1) {
      fake.clock.now += 1000;
      await fake.tell({ completeAt });
    }
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2);
  });

  it("does not remember for the watch's sake what was asked in its first 2 s", async (context) => {
    const fake = await open(context);
    await fake.tell({});
    fake.clock.now += 1999;
    await fake.tell({});
    await fake.identifier.identify("t");
    fake.clock.now += 2000;
    await fake.tell({});
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2);
  });

  it("drops what the watch names, of a lower version only", async (context) => {
    const fake = await openWatching(context);
    for (const token of ["t", "u"]) await fake.identifier.identify(token);
    await fake.tell({ revocations: [{ subjectUid: "t", version: 1n }] });
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2, "that version is what is remembered");
    fake.versions.set("t", 2n);
    await fake.tell({ revocations: [{ subjectUid: "t", version: 2n }] });
    for (const token of ["t", "u"]) await fake.identifier.identify(token);
    assert.deepEqual(
      fake.asked.map(({ token }) => token),
      ["t", "u", "t"],
    );
  });

  it("U23: neither remembers nor hands out an answer that was overtaken by a revocation", async (context) => {
    const fake = await openWatching(context);
    const gate = Promise.withResolvers<void>();
    fake.gate = gate.promise;
    const before = fake.identifier.identify("t");
    // The question is at the server, which has read version 1.
    while (fake.asked.length === 0) await new Promise(setImmediate);
    fake.versions.set("t", 2n);
    await fake.tell({ revocations: [{ subjectUid: "t", version: 2n }] });
    const after = fake.identifier.identify("t");
    gate.resolve();
    assert.equal((await before).caller.version, 2n);
    assert.equal((await after).caller.version, 2n);
    assert.equal((await fake.identifier.identify("t")).caller.version, 2n);
    assert.ok(
      fake.asked.some(({ strict }) => strict),
      "it asked again, strictly",
    );
  });

  it("U21: strict asks the server each time", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    await fake.identifier.identify("t", { strict: true });
    await fake.identifier.identify("t", { strict: true });
    assert.deepEqual(
      fake.asked.map(({ strict }) => strict),
      [false, true, true],
    );
  });

  it("remembers no refusal, and forgets what it knew when there is one", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    fake.refusal = new DomainError("SHOWN_CREDENTIAL_REFUSED", "no");
    await assert.rejects(fake.identifier.identify("t", { strict: true }), {
      code: Code.Unauthenticated,
    });
    await assert.rejects(fake.identifier.identify("t"), { code: Code.Unauthenticated });
    fake.refusal = undefined;
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 4);
  });

  it("goes on with the watch where it broke, and remembers for 2 s meanwhile", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    await fake.breakWatch();
    assert.deepEqual(fake.cursors, ["", `c${fake.clock.now}`]);
    fake.clock.now += 2000;
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2);
    fake.clock.now += 2000;
    await fake.tell({});
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2, "the chain did not break, so what was remembered holds");
  });

  it("begins anew with nothing when its cursor is too old", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    await fake.breakWatch(toConnectError(new DomainError("CURSOR_TOO_OLD", "old")));
    assert.equal(fake.cursors.at(-1), "");
    await fake.tell({});
    await fake.identifier.identify("t");
    assert.equal(fake.asked.length, 2);
  });

  it("is bounded, and forgets first what was used longest ago", async (context) => {
    const fake = await open(context, 2);
    const { identify } = fake.identifier;
    for (const token of ["a", "b", "a", "c", "a", "b"]) await identify(token);
    assert.deepEqual(
      fake.asked.map(({ token }) => token),
      ["a", "b", "c", "b"],
    );
  });
});
