import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { createBot } from "../../../src/commands/bot/create-bot.ts";
import { openStorage } from "../../../src/storage/database.ts";
import { createPostgresDatabase, type TestDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createWorld, stranger } from "../bot/world.ts";
import { bot, host1, host2, openTasks, outsider, type TestTasks } from "./support.ts";

describe("who may not write to a subject does not wait for its lock, so a wait tells nothing and holds up nobody", () => {
  let database: TestDatabase;
  let tasks: TestTasks;
  let client: Client;
  before(async () => {
    const created = await createPostgresDatabase();
    database = created;
    tasks = openTasks(await openStorage(created.choice));
    client = new Client({ connectionString: created.choice.url });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await tasks.storage.close();
    await database.remove();
  });

  /** Does something while somebody else is changing a subject. */
  async function whileChanging(uid: string, work: () => Promise<unknown>): Promise<void> {
    await client.query("begin");
    await client.query("update subject set state = state where uid = $1", [uid]);
    try {
      await work();
    } finally {
      await client.query("rollback");
    }
  }

  it("RegisterTask of a task of another realm", async () => {
    const { task } = await tasks.register(host1);
    await whileChanging(task.uid, async () => {
      const elsewhere = tasks.register(outsider, { taskId: task.id, realm: "acme:other" });
      await assert.rejects(elsewhere, hasReason("ALREADY_EXISTS"));
    });
  });

  it("RegisterTask of a task of a user for whom the peer may not register", async () => {
    const { task } = await tasks.register(host1, { delegatedUser: "user:ann@example.com" });
    await whileChanging(task.uid, async () => {
      const joining = tasks.register(host2, { taskId: task.id });
      await assert.rejects(joining, hasReason("ON_BEHALF_OF_FORBIDDEN"));
    });
  });

  it("RegisterTask of a task that depends on one of others", async () => {
    const { task } = await tasks.register(host2, { realm: "acme:other" });
    await whileChanging(task.uid, async () => {
      const depending = tasks.register(bot, { dependencies: [task.id] });
      await assert.rejects(depending, hasReason("INVALID_FIELD", { field: "dependencies[0]" }));
    });
  });

  it("CreateBot of the id of a bot of another realm", async () => {
    const { deps, snapshot, bot: create } = createWorld(tasks.storage);
    const { id, uid } = await create("theirs");
    await whileChanging(uid, async () => {
      const input = { id, realm: "proj:other", pool: "", uid: "", references: new Map() };
      const taking = createBot(deps, snapshot, stranger, input);
      await assert.rejects(taking, hasReason("PERMISSION_REQUIRED"));
    });
  });
});
