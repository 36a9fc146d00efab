import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { lockOutGuards } from "../../../src/commands/guards.ts";
import { revertChange } from "../../../src/commands/change/revert-change.ts";
import { toEntities } from "../../../src/config/entities.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { configurationsOf } from "../../../src/replica/configurations.ts";
import { loadIn } from "../../../src/replica/load.ts";
import { stateAt } from "../../../src/replica/state-at.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { readChangeItems } from "../../../src/storage/history/read-change.ts";
import { verifyChanges } from "../../../src/storage/history/verify-changes.ts";
import { inReadTransaction } from "../../../src/storage/transaction.ts";
import { useDatabase } from "../../support/database.ts";
import { arbitrarySteps, play } from "../../support/random-history.ts";
import { admin, createTestCommands, type TestCommands } from "../support.ts";

const open = useDatabase();
const input = { validateOnly: false, requestId: "", reason: "" };
const guards = { ...lockOutGuards, allowLockOut: true };

type Entities = ReadonlyMap<string, object>;

/** Every entity with its manager, by kind and key. */
function entitiesOf(state: ReplicaState): Map<string, object> {
  const entities = new Map<string, object>();
  for (const [source, configuration] of configurationsOf(state)) {
    for (const { kind, key, body } of toEntities(configuration)) {
      entities.set(`${kind} ${key}`, { source, ...body });
    }
  }
  for (const [group, takeOver] of state.takeOvers) {
    entities.set(`group_take_over ${group}`, takeOver);
  }
  return entities;
}

async function revert({ deps }: TestCommands, revision: bigint): Promise<boolean> {
  try {
    await revertChange(deps, admin, { ...input, revision, guards });
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.reason === "REVERT_CONFLICT") return false;
    throw error;
  }
}

async function withHistory(
  runs: number,
  use: (commands: TestCommands, revision: bigint, current: () => Entities) => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrarySteps, fc.nat(), async (steps, pick) => {
      const storage = await open();
      const commands = await createTestCommands(storage);
      for (const step of steps) await play(commands.deps, step);
      const last = commands.deps.replica.current()?.revision ?? 0n;
      if (last > 0n) {
        const revision = last - (BigInt(pick) % (last < 4n ? last : 4n));
        const current = (): Entities =>
          entitiesOf(commands.deps.replica.current() ?? assert.fail());
        await use(commands, revision, current);
        const { faults } = await verifyChanges(storage.db, 0n, 0n);
        assert.deepEqual(faults, []);
        const stored = await inReadTransaction(storage, (tx) => loadIn(tx));
        assert.deepEqual(entitiesOf(stored), current(), "storage holds what the replica does");
      }
      await storage.close();
    }),
    { numRuns: runs, endOnFailure: true },
  );
}

describe("revertChange in random histories", () => {
  it("gives each entity of the change what it had before, and leaves all others alone", async () => {
    let [done, refused, older] = [0, 0, 0];
    await withHistory(25, async (commands, revision, current) => {
      const { storage } = commands.deps;
      const before = current();
      const last = commands.deps.replica.current()?.revision;
      if (!(await revert(commands, revision))) {
        refused += 1;
        assert.deepEqual(current(), before);
        return;
      }
      done += 1;
      if (revision !== last) older += 1;
      const then = entitiesOf(await stateAt(commands.deps, revision - 1n));
      const expected = new Map(before);
      const items = await readChangeItems(storage.db, revision, { afterSeq: 0, limit: 100_000 });
      for (const { kind, key } of items) {
        const name = `${kind} ${key}`;
        const body = then.get(name);
        if (body === undefined) expected.delete(name);
        else expected.set(name, body);
      }
      // A take-over goes with its group.
      for (const name of expected.keys()) {
        const group = name.replace(/^group_take_over /, "group ");
        if (group !== name && !expected.has(group)) expected.delete(name);
      }
      assert.deepEqual(current(), expected);
    });
    assert.ok(done >= 5 && older >= 2 && refused >= 2, `${done}, ${older}, ${refused}`);
  });

  it("gives back the first state when it is reverted itself", async () => {
    let done = 0;
    await withHistory(25, async (commands, revision, current) => {
      const before = current();
      if (!(await revert(commands, revision))) return;
      const made = commands.deps.replica.current()?.revision ?? assert.fail();
      if (!(await revert(commands, made))) return;
      done += 1;
      assert.deepEqual(current(), before);
    });
    assert.ok(done >= 4, `${done} were reverted twice`);
  });
});
