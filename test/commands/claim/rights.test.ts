import assert from "node:assert/strict";
import { before, it } from "node:test";
import { hasReason } from "../../support/errors.ts";
import { sessionRecord, storeCredential, storeSubject } from "../../support/credential-rows.ts";
import { onPostgres } from "../../support/database.ts";
import { sweepCredentials } from "../../../src/storage/credential/sweep.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { bind, realm, world } from "../../engine/world.ts";
import { actor, host1, host2, manager, root, snapshot } from "../task/support.ts";
import { newNonce, openClaims, refused, terms, type TestClaims } from "./support.ts";

onPostgres((_, open) => {
  let claims: TestClaims;
  before(async () => {
    claims = openClaims(await open());
  });

  const register = "fleetgate.tasks.register";
  const policy = (...principals: readonly string[]): Snapshot =>
    world({ permissions: [register], realms: [realm("acme:ci", bind(register, principals))] });

  it("U40 the winner gets a task token, of no more than the opener may at that moment", async () => {
    const ann = terms({ delegatedUser: "user:ann@example.com" });
    const cases: Readonly<Record<string, readonly [Snapshot, boolean]>> = {
      "the opener may not any more": [policy("service:other"), false],
      "the realm is gone": [world({ permissions: [register] }), false],
      "the delegation is gone": [policy("service:host1"), false],
      "all is as it was": [snapshot, true],
    };
    const { claim, token } = await claims.open(host1, { terms: ann });
    for (const [name, [now, isGood]] of Object.entries(cases)) {
      const presented = claims.present(token, claim.jobId, newNonce(), now);
      if (!isGood) await assert.rejects(presented, refused, name);
      else assert.equal(parseBearerToken((await presented).token)?.kind, "tk");
    }
    assert.deepEqual(await claims.refusals(host1, claim.uid), ["forbidden 3 192.0.2.9"]);
    assert.equal(
      (await claims.tasks.get(host1, claim.jobId)).delegatedUser,
      "user:ann@example.com",
    );
    // An administrator's rights go with the administrator.
    const byRoot = await claims.open(root);
    const without = policy("service:host1");
    await assert.rejects(
      claims.present(byRoot.token, byRoot.claim.jobId, newNonce(), without),
      refused,
    );
    await claims.present(byRoot.token, byRoot.claim.jobId);
  });

  it("U42 U49 ends with the sessions of the bot that opened it, and with its attempt", async () => {
    const { storage } = claims;
    const uid = await storeSubject(storage, { id: "b1", realm: "acme:ci" });
    const id = await storeCredential(storage, uid, { kind: "session" });
    const record = sessionRecord(id, "b1", "acme:ci");
    const bot = actor("bot:b1", { ...record, subject: { ...record.subject, uid } });
    const opened = [await claims.open(bot), await claims.open(bot), await claims.open(bot)];
    const [first, second, third] = opened;
    assert.ok(first && second && third);
    await claims.present(first.token, first.claim.jobId);
    // Held as that very bot, which ends what it opened.
    assert.equal(await claims.tasks.use(first.claim.jobId), "all");
    await claims.tasks.release(bot, first.claim.jobId, first.claim.uid);
    assert.notEqual(await claims.tasks.use(first.claim.jobId), "all");
    // Somebody else who comes by the same name is not the one who opened it.
    const notTheirs = hasReason("PERMISSION_REQUIRED");
    await assert.rejects(claims.get(actor("bot:b1"), first.claim.uid), notTheirs);
    await storage.db.updateTable("subject").set({ generation: 2 }).where("uid", "=", uid).execute();
    await assert.rejects(claims.present(second.token, second.claim.jobId), refused);
    // In a later attempt it does not get a token for it that nobody could use: the claim is of the attempt before.
    await storage.db
      .updateTable("credential")
      .set({ generation: 2 })
      .where("id", "=", id)
      .execute();
    const later = { ...record, generation: 2, subject: { ...record.subject, uid, generation: 2 } };
    const { uid: claimId, jobId } = second.claim;
    const again = claims.open(actor("bot:b1", later), { claimId, jobId });
    await assert.rejects(again, hasReason("ALREADY_EXISTS"));
    await assert.rejects(claims.present(second.token, jobId), refused);
    await storage.db
      .updateTable("credential")
      .set({ generation: 1 })
      .where("id", "=", id)
      .execute();
    await storage.db.updateTable("subject").set({ generation: 1 }).where("uid", "=", uid).execute();
    await claims.present(second.token, second.claim.jobId);
    await storage.db
      .updateTable("credential")
      .set({ revoked_at: new Date() })
      .where("id", "=", id)
      .execute();
    await assert.rejects(claims.present(third.token, third.claim.jobId), refused);
    await assert.rejects(claims.open(bot), refused);
    await assert.rejects(claims.cancel(bot, third.claim.uid), refused);
  });

  it("U47 is superseded by who might open it: not before a dependency of which it may not know, nor once its task is there", async () => {
    const dependency = await claims.tasks.register(host2, { realm: "acme:other" });
    const said = terms({ dependencies: [dependency.task.id] });
    const { claim } = await claims.open(host2, { terms: said });
    const { uid, jobId } = claim;
    const unseen = hasReason("INVALID_FIELD", { field: "claim_id" });
    await assert.rejects(claims.supersede(manager, uid), unseen);
    assert.equal((await claims.get(host2, uid)).version, claim.version);
    const boss = actor("task:boss");
    const missing = hasReason("PERMISSION_REQUIRED", { permission: register });
    await assert.rejects(claims.supersede(boss, uid), missing, "who manages tasks only");
    const ann = await claims.open(host1, {
      terms: terms({ delegatedUser: "user:ann@example.com" }),
    });
    const forUser = claims.supersede(manager, ann.claim.uid);
    await assert.rejects(forUser, hasReason("ON_BEHALF_OF_FORBIDDEN"));
    const next = await claims.supersede(host2, uid);
    assert.deepEqual(next.claim.terms, claim.terms);
    // What comes after the next one did not take the place of the first.
    const { claim: last } = await claims.supersede(host2, next.claim.uid);
    const illegal = hasReason("ILLEGAL_TRANSITION");
    await assert.rejects(claims.supersede(host2, uid, last.uid), illegal);
    await claims.tasks.register(host1, { taskId: jobId });
    const registered = hasReason("ALREADY_EXISTS", { kind: "task", name: jobId });
    await assert.rejects(claims.supersede(host2, last.uid), registered);
    assert.equal((await claims.get(host2, last.uid)).version, last.version);
  });

  it("U47 a claim that has passed its deadline keeps no other one out", async () => {
    const { claim } = await claims.open(host1);
    const { uid, jobId } = claim;
    await claims.pass(uid, 600_000);
    const next = await claims.open(host2, { jobId });
    assert.deepEqual(
      [next.claim.state, (await claims.get(host1, uid)).state],
      ["pending", "expired"],
    );
  });

  it("CH14 an answer that is lost after the commit is given again, of the same task", async () => {
    const { claim, token } = await claims.open(host1);
    const nonce = newNonce();
    const losing = { ...claims.deps, makeKnown: () => Promise.reject(new Error("cut off")) };
    await assert.rejects(claims.present(token, claim.jobId, nonce, snapshot, losing), /cut off/);
    const { taskUid, taskCredentialId } = await claims.get(host1, claim.uid);
    assert.notEqual(taskUid, "");
    const again = await claims.present(token, claim.jobId, nonce);
    assert.equal(again.task.uid, taskUid);
    assert.notEqual(again.credentialId, taskCredentialId);
    assert.deepEqual(await claims.liveTokens(taskUid), [again.credentialId]);
  });

  it("fails, and tells its opener, when somebody registered the task meanwhile", async () => {
    for (const who of [host2, host1]) {
      const { claim, token } = await claims.open(host1);
      const { jobId: taskId, uid: holdId } = claim;
      await claims.tasks.register(who, { taskId, holdId });
      let heard = 0;
      const stop = claims.book.listen(() => (heard += 1));
      await assert.rejects(claims.present(token, taskId), refused);
      stop();
      assert.equal(heard, 1, "who watches it here looks at once");
      const { state, error, taskUid } = await claims.get(host1, holdId);
      assert.deepEqual([state, error, taskUid], ["failed", "task_exists", ""]);
    }
  });

  it("lets a worker repeat itself so often, which is no write of the opener's", async () => {
    const { claim, token } = await claims.open(host1);
    const { jobId: taskId, uid: holdId } = claim;
    const nonce = newNonce();
    const tooOften = hasReason("LIMIT_EXCEEDED", { limit: "subject_writes" });
    await assert.rejects(async () => {
      for (;;) await claims.present(token, taskId, nonce);
    }, tooOften);
    await claims.tasks.register(host1, { taskId, holdId });
  });

  it("fails when its opener released the hold before", async () => {
    const { claim, token } = await claims.open(host1);
    await claims.tasks.release(host1, claim.jobId, claim.uid);
    // That is remembered for a day, but the claim may be extended.
    const released = { released_at: new Date(Date.now() - 3 * 86_400_000) };
    await claims.storage.db
      .updateTable("hold")
      .set(released)
      .where("hold_id", "=", claim.uid)
      .execute();
    await sweepCredentials(claims.storage, { auditMs: 86_400_000, wait: true });
    await assert.rejects(claims.present(token, claim.jobId), refused);
    const { state, error } = await claims.get(host1, claim.uid);
    assert.deepEqual([state, error], ["failed", "hold_released"]);
  });
});
