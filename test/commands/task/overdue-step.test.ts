import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { startOverdueStep } from "../../../src/commands/task/overdue-step.ts";
import { useDatabase } from "../../support/database.ts";
import { host1, openTasks, type TestTasks } from "./support.ts";

describe("the server", () => {
  const open = useDatabase();
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  it("ends by itself what is overdue", async () => {
    const { task } = await tasks.register(host1, { timeLimitMs: 60_000 });
    await tasks.pass(task.id, 60_000);
    const told = Promise.withResolvers<readonly string[]>();
    const deps = {
      storage: tasks.storage,
      makeKnown: (uids: readonly string[]) => Promise.resolve(told.resolve(uids)),
    };
    const step = startOverdueStep(deps, (error) => told.reject(error), 5);
    assert.deepEqual(await told.promise, [task.uid]);
    await step.close();
  });

  it("hears once of a database that is away", async () => {
    const errors: unknown[] = [];
    let asked = 0;
    const enough = Promise.withResolvers<undefined>();
    const storage = {
      get db(): never {
        asked += 1;
        if (asked === 3) enough.resolve(undefined);
        throw new Error("away");
      },
    };
    const deps = { storage: storage as never, makeKnown: () => Promise.resolve() };
    const step = startOverdueStep(deps, (error) => errors.push(error), 1);
    await enough.promise;
    await step.close();
    assert.equal(errors.length, 1);
  });
});
