import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, it } from "node:test";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { sessionRecord, storeCredential, storeSubject } from "../../support/credential-rows.ts";
import type { Actor } from "../../../src/credentials/deps.ts";
import { actor, host1, openTasks, type TestTasks } from "./support.ts";

onPostgres((_name, open) => {
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  /** A bot of `acme:ci` with a session, as storage has it. */
  const botWithSession = async (id: string, deletedAt?: number) => {
    const { storage } = tasks;
    const deleted = deletedAt === undefined ? {} : { deletedAt };
    const uid = await storeSubject(storage, { id, realm: "acme:ci", ...deleted });
    const record = sessionRecord(
      await storeCredential(storage, uid, { kind: "session" }),
      id,
      "acme:ci",
    );
    return actor(`bot:${id}`, { ...record, subject: { ...record.subject, uid } });
  };
  const storeHold = async (task: { readonly id: string; readonly uid: string }, who: Actor) => {
    const holdId = randomUUID();
    const holder = `${who.identity}#${who.record?.subject.uid}`;
    await tasks.storage.db
      .insertInto("hold")
      .values({
        ...{ task_id: task.id, holder, hold_id: holdId, task_uid: task.uid },
        lease_until: new Date(Date.now() + 600_000),
      })
      .execute();
    return holdId;
  };

  it("a bot that is created anew under its name has no part in what the former one held (U49)", async () => {
    const former = await botWithSession("b1", -1);
    const anew = await botWithSession("b1");
    const { task } = await tasks.register(host1);
    const holdId = await storeHold(task, former);
    const forbidden = hasReason("PERMISSION_REQUIRED");
    await assert.rejects(tasks.get(anew, task.id), forbidden);
    await assert.rejects(tasks.end(anew, task.id), forbidden);
    await tasks.release(anew, task.id, holdId);
    assert.equal((await tasks.get(former, task.id)).holds, 2);
  });

  it("a session that ended a moment ago ends nothing that its successor began (U42)", async () => {
    const live = await botWithSession("b2");
    const { task } = await tasks.register(host1);
    const holdId = await storeHold(task, live);
    const fenced = actor("bot:b2", sessionRecord("0123456789abcdef", "b2", "acme:ci"));
    const subject = live.record?.subject ?? assert.fail();
    const stale = { ...fenced, record: { ...(fenced.record ?? assert.fail()), subject } };
    const refused = hasReason("CREDENTIAL_REQUIRED");
    await assert.rejects(tasks.renew(stale, task.id, holdId), refused);
    await assert.rejects(tasks.release(stale, task.id, holdId), refused);
    await assert.rejects(tasks.setState(stale, task.id, "canceling"), refused);
    await assert.rejects(tasks.end(stale, task.id), refused);
    assert.deepEqual(
      [(await tasks.get(host1, task.id)).state, (await tasks.get(host1, task.id)).holds],
      ["running", 2],
    );
    await tasks.release(live, task.id, holdId);
    assert.equal((await tasks.get(host1, task.id)).holds, 1);
  });
});
