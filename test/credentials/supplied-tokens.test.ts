import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Keyring, LookupHashes } from "../../src/credentials/keyring.ts";
import { toEntry } from "../../src/credentials/record-cache.ts";
import { checkSecret, type GoodToken } from "../../src/credentials/shown-secret.ts";
import { lookupHashOf } from "./support/identifier.ts";
import { memoryWorld, wordOf } from "./support/memory-database.ts";
import { record, tokenOf } from "./support/records.ts";

/** A keyring that has these keys, of which the first is active; `lacks`: there is another one in use. */
function ringOf(keyIds: readonly string[], lacks = false): Pick<Keyring, "lookupHashes"> {
  return {
    lookupHashes: (token): LookupHashes => ({
      hashes: keyIds.map((keyId) => ({ keyId, hash: hashBy(keyId, token) })),
      isComplete: !lacks,
    }),
  };
}

const hashBy = (keyId: string, token: string): string => lookupHashOf(`${keyId} ${token}`);

const token = "gh_0123456789012345678901234567890123456789";

const storedBy = (keyId: string) =>
  record("task", { secretHash: undefined, lookupHash: hashBy(keyId, token) });

describe("a token that a forge made", () => {
  it("U50 U52 is found by the key of before a rotation as long as both are here, by a read and from memory", async () => {
    for (const keyId of ["k1", "k2"]) {
      const world = memoryWorld({ keyring: ringOf(["k2", "k1"]) });
      await world.poll();
      const stored = storedBy(keyId);
      world.records.set(stored.id, stored);
      assert.equal(wordOf(await world.ask(token)), "good all", keyId);
      assert.equal(wordOf(world.askNow(token)), "good all", keyId);
      assert.equal(wordOf(await world.ask(token, { freshness: "strict" })), "good all", keyId);
      assert.equal(wordOf(await world.ask(`${token}x`)), "refused unknown");
    }
  });

  it("U20 is not refused as unknown where a key is lacking by which it may be known", async () => {
    const world = memoryWorld({ keyring: ringOf(["k1"], true) });
    await world.poll();
    const stored = storedBy("k2");
    world.records.set(stored.id, stored);
    for (const freshness of ["bounded", "strict"] as const) {
      assert.equal(wordOf(await world.ask(token, { freshness })), "unavailable");
    }
    assert.equal(wordOf(world.askNow(token)), "unavailable", "which is remembered for a moment");
    // What is found is found.
    world.records.set(stored.id, storedBy("k1"));
    await world.identifier.makeKnown([]);
    assert.equal(wordOf(await world.ask(token)), "good all");
  });

  it("is nobody's when it is unknown, whoever else is looked up at the same moment", async () => {
    for (const freshness of ["bounded", "strict"] as const) {
      const world = memoryWorld();
      await world.poll();
      const other = record("task");
      world.records.set(other.id, other);
      const asked = [tokenOf(other), token].map((each) => world.ask(each, { freshness }));
      const words = (await Promise.all(asked)).map(wordOf);
      assert.deepEqual(words, ["good all", "refused unknown"]);
      assert.equal(world.reads.length, 1, "both by one read");
    }
  });

  it("counts for no record but the one that has its hash", () => {
    const shown: GoodToken = { form: "supplied", hashes: ["a", "b"], isComplete: true };
    for (const [changes, why] of [
      [{ lookupHash: "b", secretHash: undefined }, undefined],
      [{ lookupHash: "c", secretHash: undefined }, "wrong_secret"],
      [{}, "wrong_secret"],
    ] as const) {
      const entry = toEntry(record("task", changes), 0, { completeAt: 0 });
      assert.equal(checkSecret(shown, entry)?.why, why);
    }
  });

  it("is looked up nowhere without a key: unknown where there is none, else nobody can tell", async () => {
    for (const [lacks, word] of [
      [false, "refused unknown"],
      [true, "unavailable"],
    ] as const) {
      const world = memoryWorld({ keyring: ringOf([], lacks) });
      assert.equal(wordOf(world.askNow(token)), word);
      assert.equal(wordOf(await world.ask(token, { freshness: "strict" })), word);
      assert.deepEqual(world.reads, []);
    }
  });
});
