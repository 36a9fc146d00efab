import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { acceptsBoot, statePairs } from "../bot/state-rules.ts";
import { createWorld, provisioner, stranger, type World } from "../bot/world.ts";
import { createSessions, day, otherNonce, refused, type Sessions } from "./support.ts";

const denied = hasReason("PERMISSION_REQUIRED");

onPostgres((_name, openStorage) => {
  let world: World;
  let sessions: Sessions;
  before(async () => {
    world = createWorld(await openStorage());
    sessions = createSessions(world);
  });

  describe("openSession", () => {
    it("gives a session and a resume token that die together, with the bot's next epoch", async () => {
      const { id, uid, boot } = await world.running();
      const session = await sessions.open(boot, { audiences: ["fleetgate", "cache"] });
      const [kept, resume] = [
        await sessions.row(session.token),
        await sessions.row(session.resumeToken),
      ];
      assert.deepEqual([kept.kind, resume.kind], ["session", "resume"]);
      assert.deepEqual([session.epoch, kept.epoch, resume.epoch], [1n, 1n, 1n]);
      assert.deepEqual(
        [kept.expires_at, resume.expires_at],
        [session.expiresAt, session.expiresAt],
      );
      const lifetime = session.expiresAt.getTime() - kept.issued_at.getTime();
      assert.ok(lifetime >= 7 * day && lifetime < 7 * day + 60_000);
      assert.deepEqual([kept.audiences, resume.audiences], [["cache", "fleetgate"], ["fleetgate"]]);
      assert.deepEqual([kept.parent, resume.parent], [(await sessions.row(boot)).id, kept.id]);
      assert.equal(await sessions.epochOf(uid), 1n);
      assert.equal(await sessions.works(session.token), true);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [{ version: 2n, shrinks: false }]);
      assert.equal(audit.at(-1), "session_opened");
    });

    it("ends the session before, its resume token and those that were used up (GH4, U42)", async () => {
      const { id, uid, boot } = await world.running();
      const first = await sessions.open(boot);
      const second = await sessions.takeOver(first.resumeToken);
      const third = await sessions.open(boot);
      assert.deepEqual([first.epoch, second.epoch, third.epoch], [1n, 2n, 3n]);
      assert.equal(await sessions.works(second.token), false);
      for (const old of [first, second]) {
        await assert.rejects(sessions.takeOver(old.resumeToken, { nonce: otherNonce }), refused);
      }
      assert.equal(await sessions.works(third.token), true);
      assert.deepEqual((await sessions.row(second.token)).revoke_reason, "replaced");
      assert.deepEqual((await world.history(uid, id)).events.at(-1), {
        version: 4n,
        shrinks: true,
      });
    });

    it("is for boot tokens alone (U40)", async () => {
      const { boot } = await world.running();
      const { token, resumeToken } = await sessions.open(boot);
      await assert.rejects(sessions.open(token), refused);
      await assert.rejects(sessions.open(resumeToken), refused);
      const asProvisioner = openSession(world.deps, world.snapshot, provisioner, {
        ttl: undefined,
        audiences: [],
      });
      await assert.rejects(asProvisioner, refused);
    });

    it("lives for 1 minute to 30 days", async () => {
      const { boot } = await world.running();
      for (const ttl of [60_000, 30 * day]) await sessions.open(boot, { ttl });
      for (const ttl of [59_999, 30 * day + 1, 0, -1, Number.NaN]) {
        await assert.rejects(
          sessions.open(boot, { ttl }),
          hasReason("INVALID_FIELD", { field: "ttl" }),
        );
      }
    });

    it("is for 2 of the 90 pairs of states; while the machine is created it is too early (G24, G28)", async () => {
      const { uid, boot } = await world.running();
      for (const { runner, instance } of statePairs) {
        await world.put(uid, runner as RunnerState, instance as InstanceState);
        if (!acceptsBoot(runner, instance)) await assert.rejects(sessions.open(boot), refused);
        else if (instance === "running") await sessions.open(boot);
        else
          await assert.rejects(
            sessions.open(boot),
            hasReason("ILLEGAL_TRANSITION", { kind: "session" }),
          );
      }
    });
  });

  describe("closeSession", () => {
    it("ends the session of the peer, and of the bot that a provisioner names", async () => {
      const { id, uid, boot } = await world.running();
      const first = await sessions.open(boot);
      await sessions.close(await world.by(first.token));
      assert.equal(await sessions.works(first.token), false);
      const second = await sessions.open(boot);
      await sessions.close(provisioner, id);
      assert.equal(await sessions.works(second.token), false);
      assert.equal((await sessions.row(second.token)).revoke_reason, "closed");
      assert.equal((await world.history(uid, id)).audit.at(-1), "session_closed");
    });

    it("is no error without a session, and makes no version then", async () => {
      const { id, uid, boot } = await world.running();
      await sessions.close(provisioner, id);
      assert.deepEqual((await world.history(uid, id)).events, []);
      const { token } = await sessions.open(boot);
      const itself = await world.by(token);
      await sessions.close(itself, id);
      await sessions.close(provisioner, id);
      assert.equal((await world.history(uid, id)).events.length, 2);
      await assert.rejects(sessions.close(itself), refused);
    });

    it("is not for others, nor by other tokens", async () => {
      const { id, boot } = await world.running();
      const another = await world.running();
      const { token, resumeToken } = await sessions.open(boot);
      await assert.rejects(sessions.close(stranger, id), denied);
      await assert.rejects(sessions.close(stranger, "nobody"), denied);
      await assert.rejects(sessions.close(await world.by(token), another.id), denied);
      await assert.rejects(sessions.close(await world.by(resumeToken)), refused);
      await assert.rejects(sessions.close(await world.by(boot)), refused);
      await assert.rejects(
        sessions.close(provisioner),
        hasReason("INVALID_FIELD", { field: "bot_id" }),
      );
      assert.equal(await sessions.works(token), true);
    });
  });
});
