import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createFairQueue, type WorkOf } from "../../src/storage/fair-queue.ts";

const limits = { places: 4, placesOfPeer: 2, waiting: 6, waitingOfPeer: 3 };

const ofPeer = (name: string) => name.replace(/[0-9]+$/, "");

/** A queue whose work begins and ends as the test says. */
function world() {
  const refusals = { tooMany: () => new Error("all"), tooManyOfPeer: () => new Error("peer") };
  const queue = createFairQueue(limits, refusals);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const refused: string[] = [];
  return {
    begun,
    refused,
    /** Asks for work; its name tells whose it is: `a1` is of peer `a`, `server1` of the server. */
    ask: async (name: string): Promise<void> => {
      const peer = ofPeer(name);
      const of: WorkOf = peer === "server" ? "server" : { peer };
      const done = queue.run(of, async () => {
        begun.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
      });
      done.catch((error: unknown) => refused.push(`${name}: ${(error as Error).message}`));
      await settle();
    },
    end: async (name: string): Promise<void> => {
      ends.get(name)?.();
      ends.delete(name);
      await settle();
    },
    running: () => [...ends.keys()],
  };
}

// What follows from a promise has happened when nothing is left to be done at once.
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("a queue of many", () => {
  it("lets a peer that is alone have all places but one, and its own alone once others wait", async () => {
    const { ask, end, begun } = world();
    for (const name of ["a1", "a2", "a3", "a4", "b1"]) await ask(name);
    assert.deepEqual(begun, ["a1", "a2", "a3", "b1"], "the last place is for others");
    for (const name of ["b2", "c1", "a5"]) await ask(name);
    for (const name of ["a1", "b1"]) await end(name);
    assert.deepEqual(begun.slice(4), ["b2", "c1"], "those who have less than theirs come first");
    for (const name of ["c1", "b2"]) await end(name);
    assert.deepEqual(begun.slice(6), ["a4"], "and nobody else waits");
    await ask("b3");
    await end("a2");
    assert.deepEqual(begun.slice(7), ["b3", "a5"]);
  });

  it("takes the lines in turns, however long one is, and each in its order", async () => {
    const { ask, end, begun, running } = world();
    for (const name of ["s1", "s2", "t1", "t2"]) await ask(name);
    for (const name of ["a1", "a2", "a3", "b1", "c1"]) await ask(name);
    for (let left = 9; left > 0; left -= 1) await end(running()[0] ?? "");
    assert.deepEqual(begun.slice(4), ["a1", "b1", "c1", "a2", "a3"]);
  });

  it("has so many of one peer wait, and as many of the server as there is room for", async () => {
    const { ask, refused } = world();
    for (const name of ["a1", "a2", "a3", "a4", "a5", "a6", "a7"]) await ask(name);
    assert.deepEqual(refused, ["a7: peer"]);
    for (const name of ["server1", "server2", "server3", "server4"]) await ask(name);
    assert.deepEqual(refused, ["a7: peer"]);
  });

  it("takes the last of the longest line out for who has less, once no more may wait", async () => {
    const { ask, end, refused, begun } = world();
    for (const name of ["s1", "s2", "t1", "t2"]) await ask(name);
    for (const name of ["a1", "a2", "a3", "b1", "b2", "b3"]) await ask(name);
    await ask("c1");
    assert.deepEqual(refused, ["a3: all"]);
    await ask("c2");
    assert.deepEqual(refused.slice(1), ["b3: all"]);
    await ask("c3");
    assert.deepEqual(refused.slice(2), ["c3: all"], "nobody has more than it would have");
    for (const name of ["s1", "s2", "t1"]) await end(name);
    assert.deepEqual(begun.slice(4), ["a1", "b1", "c1"]);
  });

  it("never does too much, loses nothing and leaves no place empty", async () => {
    const names = fc.constantFrom("a", "b", "c", "server");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(names, { freq: 3 }), { maxLength: 40, size: "max" }),
        async (steps) => {
          const { ask, end, running, begun, refused } = world();
          const asked: string[] = [];
          for (const [index, peer] of steps.entries()) {
            const before = begun.length;
            if (peer === null) await end(running()[0] ?? "");
            else {
              asked.push(`${peer}${index}`);
              await ask(`${peer}${index}`);
            }
            const busy = running();
            const count = (peer: string) => busy.filter((name) => ofPeer(name) === peer).length;
            const isGone = (name: string) => refused.some((text) => text.startsWith(`${name}:`));
            const waiting = asked
              .filter((name) => !begun.includes(name) && !isGone(name))
              .map(ofPeer);
            assert.ok(busy.length <= limits.places);
            for (const peer of ["a", "b", "c"]) assert.ok(count(peer) < limits.places);
            const mayHave = (max: number) =>
              waiting.filter((peer) => peer === "server" || count(peer) < max);
            if (busy.length < limits.places) assert.deepEqual(mayHave(limits.places - 1), []);
            for (const peer of begun.slice(before).map(ofPeer)) {
              const hasMore = peer !== "server" && count(peer) > limits.placesOfPeer;
              if (hasMore) assert.deepEqual(mayHave(limits.placesOfPeer), []);
            }
          }
          while (running().length > 0) await end(running()[0] ?? "");
          assert.equal(begun.length + refused.length, asked.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
