import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyConfig } from "../../src/commands/apply-config.ts";
import type { CommandDeps } from "../../src/commands/deps.ts";
import { openStorage } from "../../src/storage/database.ts";
import { inWriteTransaction } from "../../src/storage/transaction.ts";
import { createPostgresDatabase } from "../support/database.ts";
import { group, write } from "../storage/history/support.ts";
import { admin, applyInput, createTestCommands } from "./support.ts";

describe("a writer whose turn comes", () => {
  // From the state before its wait it would read, or even load, once more what the replica has read meanwhile.
  it("plans on what the replica holds by then", async (context) => {
    const database = await createPostgresDatabase();
    const [storage, elsewhere] = [
      await openStorage(database.choice),
      await openStorage(database.choice),
    ];
    context.after(async () => {
      await Promise.all([storage.close(), elsewhere.close()]);
      await database.remove();
    });
    const { deps } = await createTestCommands(storage);
    const { replica } = deps;
    const asked: (bigint | undefined)[] = [];
    const watched: CommandDeps = {
      ...deps,
      replica: {
        ...replica,
        current: () => {
          const state = replica.current();
          asked.push(state?.revision);
          return state;
        },
      },
    };
    const { promise: turnOfOther, resolve: endTurn } = Promise.withResolvers<undefined>();
    const other = inWriteTransaction(storage, () => turnOfOther);
    const applied = applyConfig(watched, admin, applyInput("groups: [{ name: g }]"));
    await write(elsewhere, [group("h", undefined, "")]);
    await replica.refresh();
    endTurn(undefined);
    await Promise.all([other, applied]);
    assert.equal(asked.at(-1), 1n);
    assert.equal(replica.current()?.revision, 2n);
  });
});
