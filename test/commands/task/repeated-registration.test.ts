import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { Keyring } from "../../../src/credentials/keyring.ts";
import {
  openCredentials,
  type OpenCredentials,
} from "../../../src/credentials/open-credentials.ts";
import type { RegistrationInput } from "../../../src/commands/task/registration.ts";
import { useDatabase } from "../../support/database.ts";
import { host1, host2, keyring, openTasks, type TestTasks } from "./support.ts";

// Nothing here is signed: versions are what counts.
const unused: Keyring = {
  ...keyring,
  activeKey: () => undefined,
  sign: () => undefined,
  verify: () => "unknown",
};

type Terms = Partial<Pick<RegistrationInput, "permissions" | "audiences">>;
const abc: Terms = { permissions: ["a.b.c"] };

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

  // What each registration by one host asks for, and whether the task may do less after the last one.
  const less: readonly (readonly [string, readonly Terms[], boolean])[] = [
    ["fewer permissions", [{ permissions: ["a.b.c", "a.b.d"] }, { permissions: ["a.b.d"] }], true],
    [
      "the same of both",
      [
        { ...abc, audiences: ["x"] },
        { ...abc, audiences: ["x"] },
      ],
      false,
    ],
    ["fewer audiences", [{ audiences: ["x", "y"] }, { audiences: ["y"] }], true],
    ["some audiences instead of all", [{}, { audiences: ["x"] }], true],
    ["all audiences, of which it gets the first ones", [{ audiences: ["x"] }, {}], false],
  ];
  for (const [what, asked, falls] of less) {
    it(`${falls ? "falls" : "stands"} when its host registers it again and asks for ${what}`, async () => {
      const said = { taskId: randomUUID(), holdId: randomUUID() };
      const [first, ...later] = asked;
      const { task } = await tasks.register(host1, { ...said, ...first });
      for (const terms of later) await tasks.register(host1, { ...said, ...terms });
      assert.equal(await standing(task.uid, task.version), falls ? "ended" : "current");
    });
  }

  it("stands for what was signed when the task may do more again", async () => {
    const said = { taskId: randomUUID(), holdId: randomUUID() };
    await tasks.register(host1, { ...said, ...abc });
    const { task } = await tasks.register(host1, said);
    await tasks.register(host1, { ...said, ...abc });
    assert.equal(await standing(task.uid, task.version), "current");
  });

  it("falls with the task", async () => {
    const { task } = await tasks.register(host1);
    assert.equal(await standing(task.uid, task.version), "current");
    await tasks.end(host1, task.id);
    assert.equal(await standing(task.uid, task.version), "ended");
  });
});
