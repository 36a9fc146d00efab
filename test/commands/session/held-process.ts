import assert from "node:assert/strict";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import { openStorage } from "../../../src/storage/database.ts";
import { createWorld, provisioner } from "../bot/world.ts";

// A replica of its own, which does one thing on one bot and is killed while it does: see concurrency.test.ts.

const { DATABASE_URL: url = "", DEED: deed = "", TOKEN: token = "", BOT: id = "" } = process.env;
const storage = await openStorage({ kind: "postgres", url });
const { deps, snapshot, by } = createWorld(storage);
const deeds: Readonly<Record<string, () => Promise<unknown>>> = {
  fetch: async () => fetchOnce(deps, snapshot, await by(token), { name: "reg", shown: undefined }),
  requeue: () => requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 }),
  open: async () => openSession(deps, snapshot, await by(token), { ttl: undefined, audiences: [] }),
  takeOver: async () =>
    takeOverSession(deps, snapshot, await by(token), { nonce: "k".repeat(16), ttl: undefined }),
};
await (deeds[deed] ?? assert.fail(`no deed: ${deed}`))();
await storage.close();
