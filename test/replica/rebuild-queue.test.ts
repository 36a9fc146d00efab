import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import { maxRebuilds } from "../../src/replica/rebuilds.ts";
import { stateAt, type StateAtDeps } from "../../src/replica/state-at.ts";
import type { Storage } from "../../src/storage/database.ts";
import type { Tx } from "../../src/storage/storage.ts";
import { admin, applyInput, createTestCommands } from "../commands/support.ts";
import { useDatabase } from "../support/database.ts";
import { hasReason } from "../support/errors.ts";

const open = useDatabase();
const last = maxRebuilds + 2;

/** A database at revision `last`, whose transactions wait for the gate; what has no transaction does not. */
interface Held {
  readonly deps: StateAtDeps;
  readonly openGate: () => void;
  /** What became of each transaction that was begun. */
  readonly transactions: Promise<unknown>[];
  /** Waits until so many in all have found out where their revision is: then they have joined a rebuild. */
  readonly joined: (count: number) => Promise<void>;
}

async function openHeld(): Promise<Held> {
  const storage = await open();
  const { deps } = await createTestCommands(storage);
  for (let index = 0; index < last; index += 1) {
    const text = `groups: [{ name: g, description: "${index}" }]`;
    await applyConfig(deps, admin, applyInput(text));
  }
  const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
  const transactions: Promise<unknown>[] = [];
  const run = async <T>(use: (tx: Tx) => Promise<T>): Promise<T> => {
    await gate;
    return storage.db.transaction().execute(use);
  };
  const execute = <T>(use: (tx: Tx) => Promise<T>): Promise<T> => {
    const result = run(use);
    transactions.push(result.then(() => "done").catch(() => "dropped"));
    return result;
  };
  const transaction = () => ({ setIsolationLevel: () => ({ setAccessMode: () => ({ execute }) }) });
  const located: string[] = [];
  const held: Storage = {
    ...storage,
    db: { transaction } as unknown as Storage["db"],
    quick: (use, timeoutMs) => storage.quick(use, timeoutMs).finally(() => located.push("one")),
  };
  const joined = async (count: number): Promise<void> => {
    do await new Promise((resolve) => setTimeout(resolve));
    while (located.length < count);
  };
  return { deps: { ...deps, storage: held }, openGate, transactions, joined };
}

const gone = new Error("the peer went away");

/** Asks for a state until it is told to go away. */
function ask(deps: StateAtDeps, revision: number) {
  const controller = new AbortController();
  const state = stateAt({ ...deps, signal: controller.signal }, BigInt(revision));
  state.catch(() => undefined);
  return { state, leave: () => controller.abort(gone) };
}

describe("rebuilding earlier states", () => {
  it("is refused beyond a number at once, and goes on when these are done", async () => {
    const { deps, openGate } = await openHeld();
    const all = [];
    for (let revision = 0; revision < maxRebuilds; revision += 1) {
      all.push(stateAt(deps, BigInt(revision)));
    }
    // Whether these two or two of the others come last is for the pool of connections to say.
    all.push(stateAt(deps, BigInt(last - 2)), stateAt(deps, BigInt(last - 1)));
    const ended = all.map((state) => state.then(() => "rebuilt", hasReason("LIMIT_EXCEEDED")));
    assert.equal(await Promise.race(ended), true);
    openGate();
    const outcomes = await Promise.all(ended);
    assert.equal(outcomes.filter((outcome) => outcome === true).length, 2);
    assert.equal(outcomes.filter((outcome) => outcome === "rebuilt").length, maxRebuilds);
    assert.equal((await stateAt(deps, 1n)).revision, 1n);
  });

  it("gives up what nobody waits for any more: what waits at once, what is under way at its next batch", async () => {
    const { deps, openGate, transactions, joined } = await openHeld();
    const first = ask(deps, 0);
    await joined(1);
    const waiting = Array.from({ length: maxRebuilds - 1 }, (_, index) => ask(deps, index + 1));
    await joined(maxRebuilds);
    await assert.rejects(stateAt(deps, BigInt(last - 1)), hasReason("LIMIT_EXCEEDED"));
    for (const { leave, state } of [first, ...waiting]) {
      leave();
      await assert.rejects(state, gone);
    }
    // There is room again, while the transaction of the first still hangs.
    const wanted = stateAt(deps, 3n);
    openGate();
    assert.equal((await wanted).revision, 3n);
    assert.deepEqual(await Promise.all(transactions), ["dropped", "done"]);
  });

  it("goes on while one waits of those who share it, and begins anew for who comes after all have gone", async () => {
    const { deps, openGate, transactions, joined } = await openHeld();
    const [one, two] = [ask(deps, 1), ask(deps, 1)];
    await joined(2);
    one.leave();
    await assert.rejects(one.state, gone);
    const three = ask(deps, 1);
    await joined(3);
    two.leave();
    await assert.rejects(two.state, gone);
    const four = ask(deps, 2);
    await joined(4);
    four.leave();
    await assert.rejects(four.state, gone);
    const again = stateAt(deps, 2n);
    openGate();
    assert.deepEqual([(await three.state).revision, (await again).revision], [1n, 2n]);
    assert.deepEqual(await Promise.all(transactions), ["done", "done"]);
  });

  it("is not begun for who is gone already", async () => {
    const { deps, openGate, transactions } = await openHeld();
    await assert.rejects(stateAt({ ...deps, signal: AbortSignal.abort(gone) }, 1n), gone);
    openGate();
    assert.equal((await stateAt(deps, 1n)).revision, 1n);
    assert.deepEqual(await Promise.all(transactions), ["done"]);
  });
});
