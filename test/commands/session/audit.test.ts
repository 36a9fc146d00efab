import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { onPostgres } from "../../support/database.ts";
import { createWorld, provisioner, type World } from "../bot/world.ts";
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

  describe("the audit of sessions (c.14, U71)", () => {
    it("has a row for every token that is issued, and for every one that ends", async () => {
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
      for (const { resumeToken } of [first, second]) {
        assert.deepEqual(await told(resumeToken), ["issued resume", "revoked replaced"]);
      }
      await close(await world.by(renewed.token));
      await close(provisioner, (await world.by(boot)).record?.subject.id);
      assert.deepEqual(await told(renewed.token), ["issued session", "revoked closed"]);
      assert.deepEqual(await told(renewed.resumeToken), ["issued resume", "revoked closed"]);

      const third = await open(boot);
      const fourth = await takeOver(third.resumeToken);
      await assert.rejects(takeOver(third.resumeToken, { nonce: otherNonce }), refused);
      for (const token of [fourth.token, fourth.resumeToken, third.resumeToken]) {
        assert.equal((await told(token)).at(-1), "revoked replayed");
      }
    });
  });
});
