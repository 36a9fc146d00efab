import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { openBookkeeping } from "../../../src/credentials/open-bookkeeping.ts";
import { requireCurrentSession } from "../../../src/commands/task/current-session.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import {
  admin,
  createRunnerWorld,
  day,
  fleet,
  hour,
  newNonce,
  stranger,
  type RunnerWorld,
} from "./world.ts";

const refused = hasReason("CREDENTIAL_REQUIRED");
const denied = hasReason("PERMISSION_REQUIRED", { permission: "fleetgate.runners.manage" });
const invalid = (field: string) => hasReason("INVALID_FIELD", { field });
const cannot = (from: string) =>
  hasReason("ILLEGAL_TRANSITION", { kind: "credential", from, to: "rotated" });
const minute = 60_000;

onPostgres((_name, open) => {
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });

  describe("RotateCredential (U75)", () => {
    it("gives the machine another token; the one before goes on for its grace, no longer than it would have", async () => {
      const { id, uid, token, credentialId, enrolToken } = await world.working("m1");
      const other = (await world.enrol(enrolToken, "m2")).issued.token;
      const { issued, previousExpiresAt } = await world.rotate(token);
      assert.match(issued.token, /^fg1_rn_/);
      const [old, newer] = [await world.record(token), await world.record(issued.token)];
      assert.equal(old.expiresAt, previousExpiresAt.getTime());
      assert.ok(Math.abs(old.expiresAt - Date.now() - hour) < minute);
      assert.ok(Math.abs(newer.expiresAt - Date.now() - 30 * day) < minute);
      assert.deepEqual([newer.systemId, newer.subject.uid, old.usedAt], ["m1", uid, undefined]);
      for (const one of [token, issued.token, other])
        assert.equal(await world.endOf(one), undefined);
      assert.equal((await world.managersOf(id))[0]?.credentialId, issued.credentialId);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [{ version: 2n, shrinks: false }]);
      assert.deepEqual(audit.slice(-2), ["issued", "rotated"]);
      assert.ok(world.known.includes(uid));
      // It goes on to work as it did: its uses are not counted (it was not used up).
      await world.storage.db
        .transaction()
        .execute(async (tx) => requireCurrentSession(tx, await world.by(token)));
      const soon = await world.rotate(issued.token, { ttl: hour, grace: 7 * day });
      const last = await world.rotate(soon.issued.token, { grace: 7 * day });
      assert.equal(last.previousExpiresAt.getTime(), soon.issued.expiresAt.getTime());
      assert.equal((await world.managersOf(id)).length, 2);
      assert.notEqual(credentialId, issued.credentialId);
    });

    it("keeps the audiences of the token", async () => {
      const { id } = await world.create();
      const { token } = await world.enrollToken(id);
      const { issued } = await world.enrol(token, "m1", { audiences: ["cache", "fleetgate"] });
      const newer = await world.record((await world.rotate(issued.token)).issued.token);
      assert.deepEqual(newer.audiences, ["cache", "fleetgate"]);
    });

    it("ends the one before at once with a grace of 0, and tells those who cache", async () => {
      const { id, uid, token } = await world.working();
      const { previousExpiresAt } = await world.rotate(token, { grace: 0 });
      assert.ok(previousExpiresAt.getTime() <= Date.now());
      assert.equal(await world.endOf(token), "expired");
      assert.deepEqual((await world.history(uid, id)).events, [{ version: 2n, shrinks: true }]);
    });

    it("is done once for each token: another nonce, or a minute later, is too late (LH4)", async () => {
      const { token } = await world.working();
      const nonce = newNonce();
      const { issued } = await world.rotate(token, { nonce });
      await assert.rejects(world.rotate(token), cannot("rotated"));
      await world.age(token, minute, "rotated_at");
      await assert.rejects(world.rotate(token, { nonce }), cannot("rotated"));
      await world.age(token, hour, "expires_at");
      await assert.rejects(world.rotate(token, { nonce }), refused);
      assert.equal(await world.endOf(issued.token), undefined);
    });

    it("answers a lost answer again by its nonce, with a grace of 0 too; the lost token dies (U48)", async () => {
      for (const grace of [0, hour]) {
        const { id, uid, token, credentialId } = await world.working();
        const nonce = newNonce();
        const lost = await world.rotate(token, { nonce, grace });
        const again = await world.rotate(token, { nonce, grace: 7 * day });
        assert.deepEqual([lost.isRepeated, again.isRepeated], [false, true]);
        assert.deepEqual(again.previousExpiresAt, lost.previousExpiresAt);
        const ends = [lost, again].map(({ issued }) => world.endOf(issued.token));
        assert.deepEqual(await Promise.all(ends), ["revoked", undefined]);
        assert.equal((await world.managersOf(id))[0]?.credentialId, again.issued.credentialId);
        const { events } = await world.history(uid, id);
        assert.deepEqual(events.at(-1), { version: 3n, shrinks: true });
        // Who keeps answers drops those about the token that died, not those about the one that goes on.
        const named = await world.storage.db
          .selectFrom("credential_event")
          .select("credential_id as id")
          .where("subject_uid", "=", uid)
          .orderBy("version")
          .execute();
        assert.deepEqual(named, [{ id: credentialId }, { id: lost.issued.credentialId }]);
      }
    });

    it("gives no third one when something came of the answer: it was used, rotated or revoked", async () => {
      for (const came of ["used", "rotated", "revoked"]) {
        const { token } = await world.working();
        const nonce = newNonce();
        const { issued } = await world.rotate(token, { nonce });
        const record = await world.record(issued.token);
        if (came === "used") {
          const books = openBookkeeping(world.storage, { everyMs: 0 });
          const verdict = { kind: "good", record, use: "all" } as const;
          books.used(verdict, Date.now(), fleet);
          await books.close();
        } else if (came === "rotated") await world.rotate(issued.token);
        else {
          const set = { revoked_at: new Date() };
          const update = world.storage.db.updateTable("credential").set(set);
          await update.where("id", "=", record.id).execute();
        }
        await assert.rejects(world.rotate(token, { nonce }), cannot("rotated"), came);
      }
    });

    it("is for its bearer, and for who manages runners in its realm, and for nobody else (U40)", async () => {
      const { id, token, credentialId, enrolToken } = await world.working();
      const other = await world.working();
      const itself = await world.by(token);
      await assert.rejects(world.rotateBy(itself, { credentialId: other.credentialId }), denied);
      await assert.rejects(world.rotate(enrolToken), refused);
      const { id: enrolId } = await world.record(enrolToken);
      const unknown = "A".repeat(16);
      for (const named of [credentialId, enrolId, unknown]) {
        await assert.rejects(world.rotateBy(stranger, { credentialId: named }), denied);
      }
      for (const named of [enrolId, unknown]) {
        await assert.rejects(world.rotateBy(fleet, { credentialId: named }), denied);
      }
      await assert.rejects(
        world.rotateBy(admin, { credentialId: unknown }),
        hasReason("NOT_FOUND"),
      );
      await assert.rejects(world.rotateBy(fleet), invalid("credential_id"));
      await world.rotateBy(itself, { credentialId });
      const { credentialId: named } = (await world.managersOf(id))[0] ?? assert.fail();
      await world.rotateBy(fleet, { credentialId: named });
    });

    it("is bounded: grace 0 to 7 days, life 1 hour to 90 days", async () => {
      const { token } = await world.working();
      for (const grace of [-1, 7 * day + 1, Number.NaN]) {
        await assert.rejects(world.rotate(token, { grace }), invalid("grace"));
      }
      for (const ttl of [hour - 1, 90 * day + 1]) {
        await assert.rejects(world.rotate(token, { ttl }), invalid("ttl"));
      }
      await assert.rejects(world.rotate(token, { nonce: "short" }), invalid("nonce"));
      await world.rotate(token, { ttl: 90 * day, grace: 7 * day });
    });

    it("is judged under the lock: what ended since the gate let it in is refused (L38)", async () => {
      const ended = { revoked: "revoked_at", expired: "expires_at" } as const;
      for (const [from, column] of Object.entries(ended)) {
        const { token, credentialId } = await world.working();
        const who = await world.by(token);
        const set = { [column]: new Date(Date.now() - 1000) };
        const update = world.storage.db.updateTable("credential").set(set);
        await update.where("id", "=", credentialId).execute();
        await assert.rejects(world.rotateBy(who), refused);
        await assert.rejects(world.rotateBy(fleet, { credentialId }), cannot(from));
      }
    });
  });
});
