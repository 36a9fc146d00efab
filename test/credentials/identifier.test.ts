import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Verdict } from "../../src/credentials/verdict.ts";
import { onPostgres } from "../support/database.ts";
import { lookupHashOf, testIdentifier } from "./support/identifier.ts";
import { change, hold, revoke, store } from "./support/stored.ts";

const wordOf = (verdict: Verdict | undefined): string =>
  verdict === undefined
    ? "ask"
    : "why" in verdict
      ? `${verdict.kind} ${verdict.why}`
      : verdict.kind;

onPostgres((name, open) => {
  describe(`identifying on ${name}`, () => {
    it("finds each kind by one read, and again from memory", async () => {
      const storage = await open();
      const { ask, askNow, identifier, reads } = testIdentifier(storage);
      for (const kind of ["boot", "session", "resume", "task"] as const) {
        const { token, id, uid } = await store(storage, kind);
        reads.credentials = 0;
        assert.equal(askNow(token), undefined);
        const verdict = await ask(token);
        assert.equal(verdict.kind, "good");
        assert.ok(verdict.kind === "good" && verdict.record.id === id);
        assert.equal(verdict.record.subject.uid, uid);
        assert.equal(askNow(token)?.kind, "good");
        assert.equal(reads.credentials, 1);
      }
      await identifier.close();
    });

    it("finds a token that a forge made by its hash, and U25 at once after it was registered", async () => {
      const storage = await open();
      const { ask, askNow, identifier } = testIdentifier(storage);
      const token = "gh_0123456789012345678901234567890123456789";
      assert.equal(wordOf(await ask(token)), "refused unknown");
      assert.equal(wordOf(askNow(token)), "refused unknown");
      const { uid } = await store(storage, "task", { lookupHash: lookupHashOf(token) });
      await identifier.makeKnown([uid]);
      assert.equal(wordOf(await ask(token)), "good");
      assert.equal(wordOf(askNow(token)), "good");
    });

    it("U21 strict sees what is committed, and memory has it then", async () => {
      const storage = await open();
      const { ask, askNow, identifier } = testIdentifier(storage);
      await identifier.start();
      const stored = await store(storage, "session");
      assert.equal(wordOf(await ask(stored.token)), "good");
      await revoke(storage, stored);
      assert.equal(wordOf(askNow(stored.token)), "good");
      assert.equal(wordOf(askNow(stored.token, { freshness: "strict" })), "ask");
      assert.equal(wordOf(await ask(stored.token, { freshness: "strict" })), "refused revoked");
      assert.equal(wordOf(askNow(stored.token)), "refused revoked");
    });

    it("reads your writes: what was made known is seen at once, by records and by what was signed", async () => {
      const storage = await open();
      const { ask, identifier } = testIdentifier(storage);
      await identifier.start();
      const stored = await store(storage, "task");
      assert.equal(wordOf(await ask(stored.token)), "good");
      assert.equal(identifier.standing(stored.uid, 1n), "current");
      await change(storage, stored.uid, { state: "canceled", report_until: new Date() });
      await identifier.makeKnown([stored.uid]);
      assert.equal(wordOf(await ask(stored.token)), "not_active state");
      assert.equal(identifier.standing(stored.uid, 1n), "ended");
      assert.equal(identifier.standing(stored.uid, 2n), "current");
    });

    it("confirms by one read that nobody holds a task, before it says so", async () => {
      const storage = await open();
      const { ask, identifier, pass, reads } = testIdentifier(storage);
      await identifier.start();
      const stored = await store(storage, "task", { heldMs: 60_000 });
      assert.equal(wordOf(await ask(stored.token)), "good");
      // Renewed, and nobody was told.
      await hold(storage, stored, 600_000);
      pass(61_000);
      await identifier.makeKnown([]);
      reads.credentials = 0;
      assert.equal(wordOf(await ask(stored.token)), "good");
      assert.equal(reads.credentials, 1);
    });
  });
});
