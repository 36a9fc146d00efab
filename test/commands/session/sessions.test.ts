import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Actor } from "../../../src/credentials/deps.ts";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { setBotState } from "../../../src/commands/bot/set-bot-state.ts";
import { closeSession } from "../../../src/commands/session/close-session.ts";
import { openSession, type OpenSessionInput } from "../../../src/commands/session/open-session.ts";
import { takeOverSession } from "../../../src/commands/session/take-over-session.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { readSubject } from "../../../src/storage/credential/subjects.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { acceptsBoot, acceptsSession, statePairs } from "../bot/state-rules.ts";
import { createWorld, provisioner, stranger, type World } from "../bot/world.ts";

const refused = hasReason("CREDENTIAL_REQUIRED");
const denied = hasReason("PERMISSION_REQUIRED");
const day = 86_400_000;
const [nonce, otherNonce] = ["n".repeat(16), "m".repeat(64)] as const;

onPostgres((name, openStorage) => {
  let world: World;
  before(async () => {
    world = createWorld(await openStorage());
  });

  async function open(token: string, input: Partial<OpenSessionInput> = {}) {
    const usual = { ttl: undefined, audiences: [] };
    return openSession(world.deps, world.snapshot, await world.by(token), { ...usual, ...input });
  }
  const takeOverAs = (who: Actor, input: { nonce?: string; ttl?: number } = {}) =>
    takeOverSession(world.deps, world.snapshot, who, { nonce, ttl: undefined, ...input });
  const takeOver = async (token: string, input: { nonce?: string; ttl?: number } = {}) =>
    takeOverAs(await world.by(token), input);
  const close = (who: Actor, botId = "") =>
    closeSession(world.deps, world.snapshot, who, { botId });

  /** Whether a session token is good: what its bot tells by it. */
  async function works(token: string): Promise<boolean> {
    const nothing = { id: "", runnerState: undefined, instanceState: undefined };
    const report = { ...nothing, agentId: 0n, expectedVersion: 0n };
    try {
      await setBotState(world.deps, world.snapshot, await world.by(token), report);
      return true;
    } catch (error) {
      assert.ok(refused(error), String(error));
      return false;
    }
  }
  async function row(token: string) {
    const { id = "" } = parseBearerToken(token) ?? {};
    const all = world.storage.db.selectFrom("credential").selectAll();
    return all.where("id", "=", id).executeTakeFirstOrThrow();
  }
  const epochOf = async (uid: string) => (await readSubject(world.storage.db, { uid }))?.epoch;

  describe("openSession", () => {
    it("gives a session and a resume token that die together, with the bot's next epoch", async () => {
      const { id, uid, boot } = await world.running();
      const session = await open(boot, { audiences: ["fleetgate", "cache"] });
      const [kept, resume] = [await row(session.token), await row(session.resumeToken)];
      assert.deepEqual([kept.kind, resume.kind], ["session", "resume"]);
      assert.deepEqual([session.epoch, kept.epoch, resume.epoch], [1n, 1n, 1n]);
      assert.deepEqual(
        [kept.expires_at, resume.expires_at],
        [session.expiresAt, session.expiresAt],
      );
      const lifetime = session.expiresAt.getTime() - kept.issued_at.getTime();
      assert.ok(lifetime >= 7 * day && lifetime < 7 * day + 60_000);
      assert.deepEqual([kept.audiences, resume.audiences], [["cache", "fleetgate"], ["fleetgate"]]);
      assert.deepEqual([kept.parent, resume.parent], [(await row(boot)).id, kept.id]);
      assert.equal(await epochOf(uid), 1n);
      assert.equal(await works(session.token), true);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [{ version: 2n, shrinks: false }]);
      assert.equal(audit.at(-1), "session_opened");
    });

    it("ends the session before, its resume token and those that were used up (GH4, U42)", async () => {
      const { id, uid, boot } = await world.running();
      const first = await open(boot);
      const second = await takeOver(first.resumeToken);
      const third = await open(boot);
      assert.deepEqual([first.epoch, second.epoch, third.epoch], [1n, 2n, 3n]);
      assert.equal(await works(second.token), false);
      for (const old of [first, second]) {
        await assert.rejects(takeOver(old.resumeToken, { nonce: otherNonce }), refused);
      }
      assert.equal(await works(third.token), true);
      assert.deepEqual((await row(second.token)).revoke_reason, "replaced");
      assert.deepEqual((await world.history(uid, id)).events.at(-1), {
        version: 4n,
        shrinks: true,
      });
    });

    it("is for boot tokens alone (U40)", async () => {
      const { boot } = await world.running();
      const { token, resumeToken } = await open(boot);
      await assert.rejects(open(token), refused);
      await assert.rejects(open(resumeToken), refused);
      const asProvisioner = openSession(world.deps, world.snapshot, provisioner, {
        ttl: undefined,
        audiences: [],
      });
      await assert.rejects(asProvisioner, refused);
    });

    it("lives for 1 minute to 30 days", async () => {
      const { boot } = await world.running();
      for (const ttl of [60_000, 30 * day]) await open(boot, { ttl });
      for (const ttl of [59_999, 30 * day + 1, 0, -1, Number.NaN]) {
        await assert.rejects(open(boot, { ttl }), hasReason("INVALID_FIELD", { field: "ttl" }));
      }
    });

    if (name === "Postgres") {
      it("is for 2 of the 90 pairs of states; while the machine is created it is too early (G24, G28)", async () => {
        const { uid, boot } = await world.running();
        for (const { runner, instance } of statePairs) {
          await world.put(uid, runner as RunnerState, instance as InstanceState);
          if (!acceptsBoot(runner, instance)) await assert.rejects(open(boot), refused);
          else if (instance === "running") await open(boot);
          else
            await assert.rejects(open(boot), hasReason("ILLEGAL_TRANSITION", { kind: "session" }));
        }
      });
    }
  });

  describe("takeOverSession (U43)", () => {
    it("works once, and gives the next epoch, session and resume token, for the same audiences", async () => {
      const { id, uid, boot } = await world.running();
      const first = await open(boot, { audiences: ["cache"] });
      const second = await takeOver(first.resumeToken, { ttl: 60_000 });
      assert.equal(second.epoch, 2n);
      assert.equal(await works(first.token), false);
      assert.equal(await works(second.token), true);
      assert.deepEqual((await row(second.token)).audiences, ["cache"]);
      assert.ok(second.expiresAt.getTime() < first.expiresAt.getTime());
      const third = await takeOver(second.resumeToken);
      assert.equal(third.epoch, 3n);
      assert.equal(await works(third.token), true);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events.at(-1), { version: 4n, shrinks: true });
      assert.deepEqual(audit.slice(-2), ["session_taken_over", "session_taken_over"]);
    });

    it("ends the session when a used one is shown again, and says so in the audit", async () => {
      const { id, uid, boot } = await world.running();
      const first = await open(boot);
      const second = await takeOver(first.resumeToken);
      await assert.rejects(takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      assert.equal(await works(second.token), false);
      await assert.rejects(takeOver(second.resumeToken), refused);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events.at(-1), { version: 4n, shrinks: true });
      assert.equal(audit.at(-1), "resume_replayed");
      assert.ok(world.known.filter((known) => known === uid).length >= 3);
    });

    it("ends it once: whoever goes on showing used ones changes nothing more", async () => {
      const { id, uid, boot } = await world.running();
      const first = await open(boot);
      await takeOver(first.resumeToken);
      await assert.rejects(takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      const third = await open(boot);
      const before = await world.history(uid, id);
      await assert.rejects(takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      assert.deepEqual(await world.history(uid, id), before);
      assert.equal(await works(third.token), true);
    });

    it("ends the session that came of it, also when that was taken over since", async () => {
      const { boot } = await world.running();
      const first = await open(boot);
      const second = await takeOver(first.resumeToken);
      const third = await takeOver(second.resumeToken);
      await assert.rejects(takeOver(first.resumeToken, { nonce: otherNonce }), refused);
      assert.equal(await works(third.token), false);
    });

    it("answers a lost answer anew, by its nonce: the tokens of the lost one die (CH14, U48)", async () => {
      const { boot } = await world.running();
      const first = await open(boot, { audiences: ["cache"] });
      const lost = await takeOver(first.resumeToken);
      const second = await takeOver(first.resumeToken);
      const third = await takeOver(first.resumeToken);
      assert.deepEqual([lost.epoch, second.epoch, third.epoch], [2n, 3n, 4n]);
      assert.equal(await works(lost.token), false);
      assert.equal(await works(second.token), false);
      assert.equal(await works(third.token), true);
      assert.deepEqual((await row(third.token)).audiences, ["cache"]);
      await assert.rejects(takeOver(lost.resumeToken), refused);
      assert.equal(await works(third.token), true);
      const next = await takeOver(third.resumeToken);
      assert.equal(await works(next.token), true);
    });

    it("takes a repeat by its nonce for a replay after 60 seconds, from the first use on", async () => {
      const { boot } = await world.running();
      const first = await open(boot);
      const lost = await takeOver(first.resumeToken);
      await world.age(first.resumeToken, "used_at", 50_000);
      const again = await takeOver(first.resumeToken);
      assert.equal(await works(lost.token), false);
      await world.age(first.resumeToken, "used_at", 10_000);
      await assert.rejects(takeOver(first.resumeToken), refused);
      assert.equal(await works(again.token), false);
    });

    it("neither ends nor answers when a repeat comes after its answer was used", async () => {
      const { boot } = await world.running();
      const first = await open(boot);
      const second = await takeOver(first.resumeToken);
      const third = await takeOver(second.resumeToken, { nonce: otherNonce });
      await assert.rejects(takeOver(first.resumeToken), refused);
      assert.equal(await works(third.token), true);
      // The epoch alone tells: that its session is revoked as well makes no difference.
      await world.storage.db
        .updateTable("credential")
        .set({ revoked_at: null })
        .where("id", "=", second.credentialId)
        .execute();
      await assert.rejects(takeOver(first.resumeToken), refused);
      assert.equal(await works(third.token), true);
    });

    it("is judged on what is stored, not on what the gate knew", async () => {
      const { boot } = await world.running();
      const first = await open(boot);
      const unused = await world.by(first.resumeToken);
      const second = await takeOverAs(unused);
      await assert.rejects(takeOverAs(unused, { nonce: otherNonce }), refused);
      assert.equal(await works(second.token), false);
    });

    it("goes not beyond a session that was revoked, has expired or was closed", async () => {
      const { id, boot } = await world.running();
      const revoked = await open(boot);
      await world.storage.db
        .updateTable("credential")
        .set({ revoked_at: new Date(), revoke_reason: "leaked" })
        .where("id", "=", revoked.credentialId)
        .execute();
      await assert.rejects(takeOver(revoked.resumeToken), refused);
      const expired = await open(boot, { ttl: 60_000 });
      await world.age(expired.resumeToken, "expires_at", 60_000);
      await assert.rejects(takeOver(expired.resumeToken), refused);
      const closed = await open(boot);
      await close(provisioner, id);
      await assert.rejects(takeOver(closed.resumeToken), refused);
    });

    it("is for resume tokens of this generation of this bot alone (U40, U49)", async () => {
      const { id, uid, boot } = await world.running();
      const { token, resumeToken } = await open(boot);
      for (const other of [boot, token]) await assert.rejects(takeOver(other), refused);
      await assert.rejects(takeOverAs(provisioner), refused);
      await world.put(uid, "idle", "error");
      const { deps, snapshot } = world;
      await requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
      await world.put(uid, "idle", "running");
      await assert.rejects(takeOver(resumeToken), refused);
      await deleteBot(deps, snapshot, provisioner, { id, uid: "" });
      await assert.rejects(takeOver(resumeToken), refused);
    });

    for (const bad of ["", "n".repeat(15), "n".repeat(65), `${"n".repeat(15)}!`, "n n".repeat(6)]) {
      it(`refuses the nonce ${JSON.stringify(bad)}`, async () => {
        const { boot } = await world.running();
        const { resumeToken, token } = await open(boot);
        const wrong = hasReason("INVALID_FIELD", { field: "nonce" });
        await assert.rejects(takeOver(resumeToken, { nonce: bad }), wrong);
        assert.equal(await works(token), true);
      });
    }

    if (name === "Postgres") {
      it("is for 6 of the 90 pairs of states (c.8)", async () => {
        const { uid, boot } = await world.running();
        let { resumeToken } = await open(boot);
        let accepted = 0;
        for (const { runner, instance } of statePairs) {
          await world.put(uid, runner as RunnerState, instance as InstanceState);
          if (acceptsSession(runner, instance)) {
            ({ resumeToken } = await takeOver(resumeToken));
            accepted += 1;
          } else await assert.rejects(takeOver(resumeToken), refused);
        }
        assert.equal(accepted, 6);
      });
    }
  });

  describe("closeSession", () => {
    it("ends the session of the peer, and of the bot that a provisioner names", async () => {
      const { id, uid, boot } = await world.running();
      const first = await open(boot);
      await close(await world.by(first.token));
      assert.equal(await works(first.token), false);
      const second = await open(boot);
      await close(provisioner, id);
      assert.equal(await works(second.token), false);
      assert.equal((await row(second.token)).revoke_reason, "closed");
      assert.equal((await world.history(uid, id)).audit.at(-1), "session_closed");
    });

    it("is no error without a session, and makes no version then", async () => {
      const { id, uid, boot } = await world.running();
      await close(provisioner, id);
      assert.deepEqual((await world.history(uid, id)).events, []);
      const { token } = await open(boot);
      const itself = await world.by(token);
      await close(itself, id);
      await close(provisioner, id);
      assert.equal((await world.history(uid, id)).events.length, 2);
      await assert.rejects(close(itself), refused);
    });

    it("is not for others, nor by other tokens", async () => {
      const { id, boot } = await world.running();
      const another = await world.running();
      const { token, resumeToken } = await open(boot);
      await assert.rejects(close(stranger, id), denied);
      await assert.rejects(close(stranger, "nobody"), denied);
      await assert.rejects(close(await world.by(token), another.id), denied);
      await assert.rejects(close(await world.by(resumeToken)), refused);
      await assert.rejects(close(await world.by(boot)), refused);
      await assert.rejects(close(provisioner), hasReason("INVALID_FIELD", { field: "bot_id" }));
      assert.equal(await works(token), true);
    });
  });
});
