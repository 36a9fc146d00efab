import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { revokeCredential } from "../../../src/commands/credential/revoke-credential.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { onPostgres } from "../../support/database.ts";
import { admin, createWorld, provisioner, type World } from "../bot/world.ts";
import { createSessions, otherNonce, refused, type Sessions } from "./support.ts";

onPostgres((_name, openStorage) => {
  let world: World;
  let sessions: Sessions;
  before(async () => {
    world = createWorld(await openStorage());
    sessions = createSessions(world);
  });

  /** What the audit says of one credential, oldest first: events with their reasons, each by the peer of a call. */
  async function told(token: string): Promise<readonly string[]> {
    const { id = "" } = parseBearerToken(token) ?? {};
    const rows = await world.storage.db
      .selectFrom("credential_audit")
      .select(["event", "reason", "caller", "request_id"])
      .where("credential_id", "=", id)
      .where("event", "in", ["issued", "revoked"])
      .orderBy("id")
      .execute();
    for (const row of rows) assert.ok(row.caller !== null && row.request_id !== null);
    return rows.map(({ event, reason }) => `${event} ${reason}`);
  }

  // More than one statement has parameters for.
  const many = 7_000;
  async function issueMany(uid: string, kind: string, usedAt: "now()" | "null"): Promise<void> {
    await world.storage.exec(`
      insert into credential (id, kind, subject_uid, generation, expires_at, issued_by, used_at)
      select '${uid}' || n, '${kind}', '${uid}', 1, now() + interval '1 day', 'bot:b', ${usedAt}
      from generate_series(1, ${many}) n`);
  }
  async function unrevoked(uid: string): Promise<number> {
    const all = world.storage.db.selectFrom("credential").select("id");
    const left = all.where("subject_uid", "=", uid).where("revoked_at", "is", null);
    return (await left.execute()).length;
  }

  describe("the audit of sessions (c.14, U71)", () => {
    it("has a row for every token that is issued, and for every one that is ended before it was used up", async () => {
      const { open, takeOver, close } = sessions;
      const { boot } = await world.running();
      const first = await open(boot);
      assert.deepEqual(await told(first.token), ["issued session"]);
      assert.deepEqual(await told(first.resumeToken), ["issued resume"]);

      const second = await takeOver(first.resumeToken);
      assert.deepEqual(await told(first.token), ["issued session", "revoked replaced"]);
      assert.deepEqual(await told(first.resumeToken), ["issued resume"], "its bot has used it up");
      assert.deepEqual(await told(second.token), ["issued session"]);

      const renewed = await open(boot);
      assert.deepEqual(await told(second.token), ["issued session", "revoked replaced"]);
      assert.deepEqual(await told(second.resumeToken), ["issued resume", "revoked replaced"]);
      assert.deepEqual(await told(first.resumeToken), ["issued resume"], "it ended before");
      assert.equal((await sessions.row(first.resumeToken)).revoke_reason, "replaced");
      await close(await world.by(renewed.token));
      await close(provisioner, (await world.by(boot)).record?.subject.id);
      assert.deepEqual(await told(renewed.token), ["issued session", "revoked closed"]);
      assert.deepEqual(await told(renewed.resumeToken), ["issued resume", "revoked closed"]);

      const third = await open(boot);
      const fourth = await takeOver(third.resumeToken);
      await assert.rejects(takeOver(third.resumeToken, { nonce: otherNonce }), refused);
      for (const token of [fourth.token, fourth.resumeToken]) {
        assert.equal((await told(token)).at(-1), "revoked replayed");
      }
      assert.deepEqual(await told(third.resumeToken), ["issued resume"]);
    });

    it("has no row for the thousands that a bot has used up by taking over: the session can be ended still", async () => {
      const { id, uid, boot } = await world.running();
      const { token } = await sessions.open(boot);
      await issueMany(uid, "resume", "now()");
      await sessions.close(await world.by(token));
      const { audit } = await world.history(uid, id);
      assert.equal(audit.filter((event) => event === "revoked").length, 2);
      assert.equal(await unrevoked(uid), 1, "the boot token");
    });

    it("has a row for each of thousands that are revoked at once", async () => {
      const { id, uid } = await world.running();
      await issueMany(uid, "session", "null");
      const { deps, snapshot } = world;
      const all = { credentialId: "", identity: `bot:${id}`, reason: "" };
      assert.equal(await revokeCredential(deps, snapshot, admin, all), many + 1);
      const { audit } = await world.history(uid, id);
      assert.equal(audit.filter((event) => event === "revoked").length, many + 1);
    });
  });
});
