import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { bot, host1, host2, openTasks, root, type TestTasks } from "./support.ts";

onPostgres((_name, open) => {
  let tasks: TestTasks;
  before(async () => {
    tasks = openTasks(await open());
  });

  describe("a delegated user", () => {
    const said = { delegatedUser: "user:ann@example.com" };
    it("needs a delegation that covers registering in the realm", async () => {
      assert.equal((await tasks.register(host1, said)).task.delegatedUser, said.delegatedUser);
      const forbidden = hasReason("ON_BEHALF_OF_FORBIDDEN");
      await assert.rejects(tasks.register(host2, said), forbidden);
      await assert.rejects(tasks.register(host1, { delegatedUser: "user:bob@x.org" }), forbidden);
      const elsewhere = { ...said, realm: "acme:other" };
      await assert.rejects(tasks.register(host2, elsewhere), forbidden);
    });
    it("is one for whom whoever adds a hold may register, too: the token speaks for the user (L26)", async () => {
      const { task } = await tasks.register(host1, said);
      const joining = { taskId: task.id };
      await assert.rejects(tasks.register(host2, joining), hasReason("ON_BEHALF_OF_FORBIDDEN"));
      const { delegatedUser } = (await tasks.register(host1, joining)).task;
      assert.equal(delegatedUser, said.delegatedUser);
    });
    it("is a user", async () => {
      for (const delegatedUser of ["service:host1", "ann@example.com", "task:t", "user:"]) {
        await assert.rejects(
          tasks.register(host1, { delegatedUser }),
          hasReason("INVALID_FIELD", { field: "delegated_user" }),
        );
      }
    });
  });

  describe("dependencies", () => {
    const refused = (index: number) =>
      hasReason("INVALID_FIELD", { field: `dependencies[${index}]` });
    it("are registered tasks, by the uid that they have now (U49)", async () => {
      const { task: a } = await tasks.register(host1);
      const { task: b } = await tasks.register(host1);
      const { task } = await tasks.register(host1, { dependencies: [b.id, a.id, b.id] });
      assert.deepEqual(task.dependencies, [b.id, a.id]);
      const { dependencies } = await tasks.storage.db
        .selectFrom("subject")
        .select("dependencies")
        .where("uid", "=", task.uid)
        .executeTakeFirstOrThrow();
      assert.deepEqual(dependencies, [b.uid, a.uid]);
    });
    it("are refused alike when they are not registered and when they are none of the peer's (L30)", async () => {
      const { task: own } = await tasks.register(host1);
      const { task: foreign } = await tasks.register(host2, { realm: "acme:other" });
      const { task: mine } = await tasks.register(host1);
      await assert.rejects(tasks.register(bot, { dependencies: [own.id, foreign.id] }), refused(1));
      const messages = [];
      for (const unknown of ["no-such-task", foreign.id]) {
        const registering = tasks.register(bot, { dependencies: [unknown] });
        await assert.rejects(registering, refused(0));
        messages.push(await registering.catch((error: unknown) => String(error)));
      }
      assert.equal(messages[0], messages[1]);
      assert.deepEqual(
        (await tasks.register(host2, { dependencies: [foreign.id, mine.id] })).task.dependencies,
        [foreign.id, mine.id],
      );
      await assert.rejects(
        tasks.register(host1, { taskId: "selfish", dependencies: ["selfish"] }),
        refused(0),
      );
    });
    it("may be those that the delegated user, or without one the task, may see", async () => {
      const { task: seen } = await tasks.register(root, { realm: "acme:seen" });
      const dependencies = [seen.id];
      await assert.rejects(tasks.register(bot, { dependencies }), refused(0));
      await tasks.register(bot, { taskId: "reader", dependencies });
      await tasks
        .register(host1, { dependencies, delegatedUser: "user:Ann@example.com" })
        .then(() => assert.fail("globs compare exactly"), hasReason("ON_BEHALF_OF_FORBIDDEN"));
      await tasks.register(host1, { dependencies, delegatedUser: "user:ann@example.com" });
    });
  });
});
