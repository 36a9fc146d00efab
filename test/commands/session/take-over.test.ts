import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { acceptsSession, statePairs } from "../bot/state-rules.ts";
import { createWorld, provisioner, type World } from "../bot/world.ts";
import { createSessions, day, otherNonce, refused, type Sessions } from "./support.ts";

onPostgres((_name, openStorage) => {
  let world: World;
  let sessions: Sessions;
  before(async () => {
    world = createWorld(await openStorage());
    sessions = createSessions(world);
  });

  describe("takeOverSession (U43)", () => {
    it("works once, and gives the next epoch, session and resume token, for the same audiences", async () => {
      const { id, uid, boot } = await world.running();
      const first = await sessions.open(boot, { audiences: ["cache"] });
      const second = await sessions.takeOver(first.resumeToken, { ttl: 60_000 });
      assert.equal(second.epoch, 2n);
      assert.equal(await sessions.works(first.token), false);
      assert.equal(await sessions.works(second.token), true);
      assert.deepEqual((await sessions.row(second.token)).audiences, ["cache"]);
      assert.ok(second.expiresAt.getTime() < first.expiresAt.getTime());
      const third = await sessions.takeOver(second.resumeToken);
      assert.equal(third.epoch, 3n);
      assert.equal(await sessions.works(third.token), true);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events.at(-1), { version: 4n, shrinks: true });
      assert.equal(audit.filter((event) => event === "session_taken_over").length, 2);
    });

    it("ends the session when a used one is shown again, and says so in the audit", async () => {
      const { id, uid, boot } = await world.running();
      const first = await sessions.open(boot);
      const second = await sessions.takeOver(first.resumeToken);
      await assert.rejects(sessions.takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      assert.equal(await sessions.works(second.token), false);
      await assert.rejects(sessions.takeOver(second.resumeToken), refused);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events.at(-1), { version: 4n, shrinks: true });
      assert.equal(audit.at(-1), "resume_replayed");
      assert.ok(world.known.filter((known) => known === uid).length >= 3);
    });

    it("ends it once: whoever goes on showing used ones changes nothing more", async () => {
      const { id, uid, boot } = await world.running();
      const first = await sessions.open(boot);
      await sessions.takeOver(first.resumeToken);
      await assert.rejects(sessions.takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      const third = await sessions.open(boot);
      const before = await world.history(uid, id);
      await assert.rejects(sessions.takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      assert.deepEqual(await world.history(uid, id), before);
      assert.equal(await sessions.works(third.token), true);
    });

    it("ends the session that came of it, also when that was taken over since", async () => {
      const { boot } = await world.running();
      const first = await sessions.open(boot);
      const second = await sessions.takeOver(first.resumeToken);
      const third = await sessions.takeOver(second.resumeToken);
      await assert.rejects(sessions.takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      assert.equal(await sessions.works(third.token), false);
    });

    it("answers a lost answer anew, by its nonce: the tokens of the lost one die (CH14, U48)", async () => {
      const { boot } = await world.running();
      const first = await sessions.open(boot, { audiences: ["cache"] });
      const lost = await sessions.takeOver(first.resumeToken);
      const second = await sessions.takeOver(first.resumeToken);
      const third = await sessions.takeOver(first.resumeToken);
      assert.deepEqual([lost.epoch, second.epoch, third.epoch], [2n, 3n, 4n]);
      assert.equal(await sessions.works(lost.token), false);
      assert.equal(await sessions.works(second.token), false);
      assert.equal(await sessions.works(third.token), true);
      assert.deepEqual((await sessions.row(third.token)).audiences, ["cache"]);
      await assert.rejects(sessions.takeOver(lost.resumeToken), refused);
      assert.equal(await sessions.works(third.token), true);
      const next = await sessions.takeOver(third.resumeToken);
      assert.equal(await sessions.works(next.token), true);
    });

    it("takes a repeat by its nonce for a replay after 60 seconds, from the first use on", async () => {
      const { boot } = await world.running();
      const first = await sessions.open(boot);
      const lost = await sessions.takeOver(first.resumeToken);
      await world.age(first.resumeToken, "used_at", 50_000);
      const again = await sessions.takeOver(first.resumeToken);
      assert.equal(await sessions.works(lost.token), false);
      await world.age(first.resumeToken, "used_at", 10_000);
      await assert.rejects(sessions.takeOver(first.resumeToken), refused);
      assert.equal(await sessions.works(again.token), false);
    });

    it("neither ends nor answers when a repeat comes after its answer was used", async () => {
      const { boot } = await world.running();
      const first = await sessions.open(boot);
      const second = await sessions.takeOver(first.resumeToken);
      const third = await sessions.takeOver(second.resumeToken, { nonce: otherNonce });
      await assert.rejects(sessions.takeOver(first.resumeToken), refused);
      assert.equal(await sessions.works(third.token), true);
      // The epoch alone tells: that its session is revoked as well makes no difference.
      await world.storage.db
        .updateTable("credential")
        .set({ revoked_at: null })
        .where("id", "=", second.credentialId)
        .execute();
      await assert.rejects(sessions.takeOver(first.resumeToken), refused);
      assert.equal(await sessions.works(third.token), true);
    });

    it("is judged on what is stored, not on what the gate knew", async () => {
      const { boot } = await world.running();
      const first = await sessions.open(boot);
      const unused = await world.by(first.resumeToken);
      const second = await sessions.takeOverAs(unused);
      await assert.rejects(sessions.takeOverAs(unused, { nonce: otherNonce }), refused);
      assert.equal(await sessions.works(second.token), false);
    });

    it("goes not beyond a session that was revoked, has expired or was closed", async () => {
      const { id, boot } = await world.running();
      const revoked = await sessions.open(boot);
      await world.storage.db
        .updateTable("credential")
        .set({ revoked_at: new Date(), revoke_reason: "leaked" })
        .where("id", "=", revoked.credentialId)
        .execute();
      await assert.rejects(sessions.takeOver(revoked.resumeToken), refused);
      const expired = await sessions.open(boot, { ttl: 60_000 });
      await world.age(expired.resumeToken, "expires_at", 60_000);
      await assert.rejects(sessions.takeOver(expired.resumeToken), refused);
      const closed = await sessions.open(boot);
      await sessions.close(provisioner, id);
      await assert.rejects(sessions.takeOver(closed.resumeToken), refused);
    });

    it("is for resume tokens of this generation of this bot alone (U40, U49)", async () => {
      const { id, uid, boot } = await world.running();
      const { token, resumeToken } = await sessions.open(boot);
      for (const other of [boot, token]) await assert.rejects(sessions.takeOver(other), refused);
      await assert.rejects(sessions.takeOverAs(provisioner), refused);
      await world.put(uid, "idle", "error");
      const { deps, snapshot } = world;
      await requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
      await world.put(uid, "idle", "running");
      await assert.rejects(sessions.takeOver(resumeToken), refused);
      await deleteBot(deps, snapshot, provisioner, { id, uid: "" });
      await assert.rejects(sessions.takeOver(resumeToken), refused);
    });

    it("begins no new life: the last session of a line ends 90 days after the first was opened", async () => {
      const { boot } = await world.running();
      const first = await sessions.open(boot, { ttl: 30 * day });
      const { issued_at: openedAt, sessions_until: until } = await sessions.row(first.token);
      const all = (until?.getTime() ?? 0) - openedAt.getTime();
      assert.ok(all >= 90 * day && all < 90 * day + 60_000);
      // It was opened 89 days ago, and taken over since.
      const past = 89 * day;
      await world.age(first.resumeToken, "sessions_until", past);
      const end = (until?.getTime() ?? 0) - past;
      let resumeToken = first.resumeToken;
      for (const ttl of [30 * day, undefined, 30 * day]) {
        const next = await sessions.takeOver(resumeToken, { ...(ttl && { ttl }) });
        assert.equal(next.expiresAt.getTime(), end);
        const [kept, resume] = [
          await sessions.row(next.token),
          await sessions.row(next.resumeToken),
        ];
        assert.deepEqual([kept.expires_at, resume.expires_at], [next.expiresAt, next.expiresAt]);
        ({ resumeToken } = next);
      }
      const short = await sessions.takeOver(resumeToken, { ttl: 60_000 });
      assert.ok(short.expiresAt.getTime() < end);
      const again = await sessions.takeOver(short.resumeToken, { ttl: 30 * day });
      assert.equal(again.expiresAt.getTime(), end);
    });

    for (const bad of ["", "n".repeat(15), "n".repeat(65), `${"n".repeat(15)}!`, "n n".repeat(6)]) {
      it(`refuses the nonce ${JSON.stringify(bad)}`, async () => {
        const { boot } = await world.running();
        const { resumeToken, token } = await sessions.open(boot);
        const wrong = hasReason("INVALID_FIELD", { field: "nonce" });
        await assert.rejects(sessions.takeOver(resumeToken, { nonce: bad }), wrong);
        assert.equal(await sessions.works(token), true);
      });
    }

    it("is for 6 of the 90 pairs of states (c.8)", async () => {
      const { uid, boot } = await world.running();
      let { resumeToken } = await sessions.open(boot);
      let accepted = 0;
      for (const { runner, instance } of statePairs) {
        await world.put(uid, runner as RunnerState, instance as InstanceState);
        if (acceptsSession(runner, instance)) {
          ({ resumeToken } = await sessions.takeOver(resumeToken));
          accepted += 1;
        } else await assert.rejects(sessions.takeOver(resumeToken), refused);
      }
      assert.equal(accepted, 6);
    });
  });
});
