import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Keyring } from "../../../src/credentials/keyring.ts";
import {
  openCredentials,
  type OpenCredentials,
} from "../../../src/credentials/open-credentials.ts";
import { useDatabase } from "../../support/database.ts";
import { host1, host2, keyring, openTasks, type TestTasks } from "./support.ts";

// Nothing here is signed: versions are what counts.
const unused: Keyring = {
  ...keyring,
  activeKey: () => undefined,
  sign: () => undefined,
  verify: () => "unknown",
};

describe("what was signed for a task", () => {
  const open = useDatabase();
  let area: OpenCredentials;
  let tasks: TestTasks;
  before(async () => {
    const storage = await open();
    area = await openCredentials(
      { storage, replica: undefined as never, randomBytes },
      { keyring: unused, bookkeeping: undefined as never, outageGraceMs: 0, notify: false },
    );
    tasks = openTasks(storage);
  });
  after(() => area.close());

  async function standing(uid: string, version: bigint) {
    await area.commands.makeKnown([uid]);
    return area.identifier.standing(uid, version);
  }

  it("stands when its host registers the task again, whatever becomes of the token of the task", async () => {
    const said = { taskId: "again", holdId: randomUUID() };
    const { task, credentialId } = await tasks.register(host1, said);
    await tasks.register(host1, said);
    await tasks.register(host2, { taskId: "again" });
    const token = "a".repeat(32);
    await tasks.register(host2, { taskId: "again", token });
    await tasks.register(host2, { taskId: "again", token });
    assert.equal(await standing(task.uid, task.version), "current");
    // Those who remember the token that was replaced hear of it all the same.
    const heard = await tasks.events(task.uid);
    assert.deepEqual(
      heard.map((event) => event.credential_id),
      [credentialId],
    );
  });

  it("falls with the task", async () => {
    const { task } = await tasks.register(host1);
    assert.equal(await standing(task.uid, task.version), "current");
    await tasks.end(host1, task.id);
    assert.equal(await standing(task.uid, task.version), "ended");
  });
});
