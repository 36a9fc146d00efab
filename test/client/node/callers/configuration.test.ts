import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toConnectError } from "../../../../src/rpc/errors.ts";
import { DomainError } from "../../../../src/domain/errors.ts";
import { openWatching, type Fake } from "./support/fake-watch.ts";

/** Whether a question is answered from memory. */
async function isRemembered(fake: Fake): Promise<boolean> {
  const before = fake.asked.length;
  await fake.identifier.identify("t");
  return fake.asked.length === before;
}

/** Lets time pass, in which the watch tells the configuration each second. */
async function wait(fake: Fake, seconds: number, revisionToken: string): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    fake.clock.now += 1000;
    await fake.tell({ revisionToken });
  }
}

describe("a caller identifier when the configuration changes", () => {
  it("drops everything when the watch tells of another one", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    assert.ok(await isRemembered(fake));
    fake.configuration = "r2";
    await fake.tell({ revisionToken: "r2" });
    assert.equal(await isRemembered(fake), false);
    assert.ok(await isRemembered(fake), "the answer of the new one");
  });

  it("remembers nothing of a replica that has another one than the watch told, newer or older", async (context) => {
    const fake = await openWatching(context);
    fake.configuration = "r2";
    for (let time = 0; time < 3; time += 1) assert.equal(await isRemembered(fake), false);
    await fake.tell({ revisionToken: "r2" });
    await fake.identifier.identify("t");
    assert.ok(await isRemembered(fake));
    // Such as after a restore: no text is newer than another.
    await fake.tell({ revisionToken: "r1" });
    assert.equal(await isRemembered(fake), false);
    assert.equal(await isRemembered(fake), false);
  });

  it("remembers for 2 s only what was asked in the first 2 s: of what was hidden before, the watch tells nothing later", async (context) => {
    const fake = await openWatching(context);
    fake.configuration = "r2";
    await fake.tell({ revisionToken: "r2" });
    fake.clock.now += 1999;
    await fake.tell({ revisionToken: "r2" });
    await fake.identifier.identify("t");
    await wait(fake, 2, "r2");
    assert.equal(await isRemembered(fake), false);
    await wait(fake, 29, "r2");
    assert.ok(await isRemembered(fake));
  });

  it("neither remembers nor hands out an answer that was overtaken, and asks no more than once again for it", async (context) => {
    const fake = await openWatching(context);
    const gate = Promise.withResolvers<void>();
    fake.gate = gate.promise;
    const before = fake.identifier.identify("t");
    while (fake.asked.length === 0) await new Promise(setImmediate);
    await fake.tell({ revisionToken: "r2" });
    const after = fake.identifier.identify("t");
    fake.configuration = "r2";
    gate.resolve();
    await Promise.all([before, after]);
    assert.equal(fake.asked.length, 2);
    assert.ok(await isRemembered(fake), "what was handed out is of the new one");
  });

  it("goes on without asking again and again when a replica stays behind", async (context) => {
    const fake = await openWatching(context);
    const gate = Promise.withResolvers<void>();
    fake.gate = gate.promise;
    const answer = fake.identifier.identify("t");
    while (fake.asked.length === 0) await new Promise(setImmediate);
    await fake.tell({ revisionToken: "r2" });
    gate.resolve();
    await answer;
    assert.equal(fake.asked.length, 2);
  });

  it("notices what changed while the watch was broken", async (context) => {
    const fake = await openWatching(context);
    await fake.identifier.identify("t");
    await fake.breakWatch(toConnectError(new DomainError("STORAGE_UNAVAILABLE", "gone")));
    await fake.tell({ revisionToken: "r2" });
    assert.equal(await isRemembered(fake), false);
  });
});
