import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readCredentials } from "../../../src/storage/credential/read-credentials.ts";
import { hold, store } from "../../credentials/support/stored.ts";
import { forEachBackend } from "../../support/database.ts";

const date = (text: string): Date => new Date(text);

forEachBackend((name, open) => {
  describe(`reading credentials on ${name}`, () => {
    it("reads all that decides about a task's token, and nothing of others", async () => {
      const storage = await open();
      const first = await store(storage, "task", { subject: { trust: "untrusted", ref: null } });
      const second = await store(storage, "task", {
        subject: { realm: "acme:other", ref: "refs/tags/1" },
      });
      const bot = await store(storage, "session");
      const stored = await store(storage, "task", {
        subject: {
          ...{
            pool: "p",
            bot_id: "b7",
            generation: 2,
            epoch: 12n,
            version: 34n,
            ref: "refs/heads/y",
          },
          ...{ delegated_user: "user:a@example.com", state: "canceling" },
          deadline: date("2030-01-01T00:00:00.123Z"),
          report_until: date("2030-01-01T00:05:00Z"),
          // In their order; a uid that is nobody's, or a bot's, is none.
          dependencies: [second.uid, "00000000-0000-4000-8000-000000000000", bot.uid, first.uid],
        },
        credential: {
          ...{ generation: 2, version: 5n, audiences: ["a", 'b,"c'], permissions: ["x.y.z"] },
          not_before: date("2029-01-01T00:00:00Z"),
          expires_at: date("2031-01-01T00:00:00Z"),
          revoked_at: date("2030-06-01T00:00:00Z"),
        },
        heldMs: 0,
      });
      await hold(storage, stored, 60_000);
      const longest = Date.now() + 120_000;
      await hold(storage, stored, 120_000);
      await storage.db
        .insertInto("hold")
        .values({
          ...{
            task_id: stored.subjectId,
            holder: "bot:x",
            hold_id: stored.uid,
            task_uid: stored.uid,
          },
          ...{ lease_until: new Date(longest + 1e6), released_at: new Date() },
        })
        .execute();
      const { records, now } = await readCredentials(storage.db, {
        ids: [stored.id, "nobody's"],
        lookupHashes: [],
      });
      assert.ok(Math.abs(now - Date.now()) < 60_000);
      const [record] = records;
      assert.ok(record?.subject.kind === "task" && records.length === 1);
      const { heldUntil } = record.subject;
      assert.ok(Math.abs(heldUntil - longest) < 10_000, "the longest lease that was not released");
      assert.match(record.secretHash ?? "", /^[0-9a-f]{64}$/);
      assert.deepEqual(record, {
        ...{ id: stored.id, kind: "task", generation: 2, epoch: 0n, version: 5n },
        ...{ secretHash: record.secretHash, lookupHash: undefined },
        ...{ audiences: ["a", 'b,"c'], permissions: ["x.y.z"] },
        notBefore: Date.parse("2029-01-01T00:00:00Z"),
        expiresAt: Date.parse("2031-01-01T00:00:00Z"),
        revokedAt: Date.parse("2030-06-01T00:00:00Z"),
        ...{ usedAt: undefined, rotatedAt: undefined, systemId: undefined },
        subject: {
          ...{ kind: "task", uid: stored.uid, id: stored.subjectId, realm: "acme:ci", pool: "p" },
          ...{ generation: 2, epoch: 12n, version: 34n, deleted: false, state: "canceling" },
          ...{ botId: "b7", trust: "trusted", ref: "refs/heads/y", defaultRef: "refs/heads/main" },
          delegatedUser: "user:a@example.com",
          dependencies: [
            { taskId: second.subjectId, realm: "acme:other", trust: "trusted", ref: "refs/tags/1" },
            { taskId: first.subjectId, realm: "acme:ci", trust: "untrusted", ref: "" },
          ],
          deadline: Date.parse("2030-01-01T00:00:00.123Z"),
          reportUntil: Date.parse("2030-01-01T00:05:00Z"),
          heldUntil,
        },
      });
    });

    it("reads by ids and by hashes together, each credential once, and tells the time when there is none", async () => {
      const storage = await open();
      const hash = "ab".repeat(32);
      const supplied = await store(storage, "task", { lookupHash: hash, heldMs: 0 });
      const gone = await store(storage, "boot", {
        subject: { deleted_at: new Date(), instance_state: "deleted" },
        credential: { used_at: date("2029-01-01T00:00:00Z"), secret_hash: null },
      });
      const { records } = await readCredentials(storage.db, {
        ids: [gone.id, supplied.id, gone.id],
        lookupHashes: [hash, "cd".repeat(32)],
      });
      const byId = new Map(records.map((record) => [record.id, record]));
      assert.equal(records.length, 2);
      assert.equal(byId.get(supplied.id)?.lookupHash, hash);
      assert.equal(byId.get(supplied.id)?.secretHash, undefined);
      const { subject } = byId.get(supplied.id) ?? {};
      assert.equal(subject?.kind === "task" && subject.heldUntil, -Infinity);
      const found = byId.get(gone.id);
      assert.equal(found?.usedAt, Date.parse("2029-01-01T00:00:00Z"));
      assert.deepEqual(found.subject, {
        ...{ kind: "bot", uid: gone.uid, id: gone.subjectId, realm: "acme:ci", pool: undefined },
        ...{ generation: 1, epoch: 1n, version: 1n, deleted: true },
        ...{ runnerState: "pending", instanceState: "deleted" },
      });
      const none = await readCredentials(storage.db, { ids: [], lookupHashes: [] });
      assert.deepEqual(none.records, []);
      assert.ok(none.now > 0);
    });
  });
});
