import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { maxRebuilds, stateAt } from "../../src/replica/state-at.ts";
import type { Storage } from "../../src/storage/database.ts";
import type { Tx } from "../../src/storage/storage.ts";
import { admin, applyInput, createTestCommands } from "../commands/support.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";

const open = useDatabase();

/** The same database, whose transactions wait for the gate; what has no transaction does not. */
function behind(gate: Promise<void>, storage: Storage): Storage {
  const transaction = () => ({
    setIsolationLevel: () => ({
      setAccessMode: () => ({
        execute: async <T>(use: (tx: Tx) => Promise<T>) => {
          await gate;
          return storage.db.transaction().execute(use);
        },
      }),
    }),
  });
  return { ...storage, db: { transaction } as unknown as Storage["db"] };
}

describe("rebuilding earlier states", () => {
  it("is refused beyond a number at once, and goes on when these are done", async () => {
    const storage = await open();
    const { deps } = await createTestCommands(storage);
    const last = maxRebuilds + 2;
    for (let index = 0; index < last; index += 1) {
      const text = `groups: [{ name: g, description: "${index}" }]`;
      await applyConfig(deps, admin, applyInput(text));
    }
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
    const held = { ...deps, storage: behind(gate, storage) };
    const all = [];
    for (let revision = 0; revision < maxRebuilds; revision += 1) {
      all.push(stateAt(held, BigInt(revision)));
    }
    // Whether these two or two of the others come last is for the pool of connections to say.
    all.push(stateAt(held, BigInt(last - 2)), stateAt(held, BigInt(last - 1)));
    const ended = all.map((state) => state.then(() => "rebuilt", hasReason("LIMIT_EXCEEDED")));
    assert.equal(await Promise.race(ended), true);
    openGate();
    const outcomes = await Promise.all(ended);
    assert.equal(outcomes.filter((outcome) => outcome === true).length, 2);
    assert.equal(outcomes.filter((outcome) => outcome === "rebuilt").length, maxRebuilds);
    assert.equal((await stateAt(held, 1n)).revision, 1n);
  });
});
