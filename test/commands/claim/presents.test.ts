import assert from "node:assert/strict";
import { before, it } from "node:test";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import { onPostgres } from "../../support/database.ts";
import { host1, host2 } from "../task/support.ts";
import { newNonce, tokenOf, openClaims, refused, terms, type TestClaims } from "./support.ts";

onPostgres((_, open) => {
  let claims: TestClaims;
  before(async () => {
    claims = openClaims(await open());
  });

  it("C15 a worker with the token takes the job: its task is registered in the opener's name", async () => {
    const said = terms({ permissions: ["swarming.pools.createTask"], ref: "refs/heads/x" });
    const { claim, token } = await claims.open(host1, { terms: said, executor: "vm-1" });
    const { uid, jobId } = claim;
    const won = await claims.present(token, jobId);
    assert.equal(parseBearerToken(won.token)?.kind, "tk");
    const [task, now] = [await claims.tasks.get(host1, jobId), await claims.get(host1, uid)];
    assert.deepEqual(
      [task.uid, task.ref, task.realm, task.holds, task.heldUntil],
      [won.task.uid, "refs/heads/x", "acme:ci", 1, task.deadline],
    );
    assert.deepEqual(
      [now.state, now.taskUid, now.taskCredentialId, now.claimedFrom, now.executor],
      ["claimed", task.uid, won.credentialId, "192.0.2.9", "vm-1"],
    );
    assert.equal(await claims.tasks.use(jobId), "all");
    assert.deepEqual(await claims.audit(jobId), [
      ...["issued claim", "issued task", "claimed", "registered"],
    ]);
    // The hold is the opener's, by the id of the claim.
    await claims.tasks.release(host1, jobId, uid);
    assert.notEqual(await claims.tasks.use(jobId), "all");
  });

  it("C28 CH14 U48 the same nonce gets a new token for a minute, another one nothing", async () => {
    const { claim, token } = await claims.open(host1);
    const [nonce, { jobId, uid }] = [newNonce(), claim];
    const first = await claims.present(token, jobId, nonce);
    const again = await claims.present(token, jobId, nonce);
    assert.equal(again.task.uid, first.task.uid);
    assert.notEqual(again.token, first.token);
    assert.deepEqual(await claims.liveTokens(first.task.uid), [again.credentialId]);
    assert.equal((await claims.get(host1, uid)).taskCredentialId, again.credentialId);
    await assert.rejects(claims.present(token, jobId), refused);
    await claims.pass(uid, 59_000);
    await claims.present(token, jobId, nonce);
    await claims.pass(uid, 1_000);
    await assert.rejects(claims.present(token, jobId, nonce), refused);
    assert.deepEqual(await claims.refusals(host1, uid), ["conflict 2 192.0.2.9"]);
    assert.ok((await claims.audit(jobId)).includes("claim_conflict conflict"));
  });

  it("gives the token of a job whose worker was lost to its opener, who has the hold by the id of the claim", async () => {
    const { claim, token } = await claims.open(host1);
    const { jobId: taskId, uid: holdId } = claim;
    const worker = await claims.present(token, taskId);
    const hers = { taskId, holdId, timeLimitMs: undefined };
    const { credentialId } = await claims.tasks.register(host1, hers);
    assert.notEqual(credentialId, worker.credentialId);
    assert.deepEqual(await claims.liveTokens(worker.task.uid), [credentialId]);
    assert.equal(await claims.tasks.use(taskId), "all");
  });

  it("answers nobody again once the task has ended", async () => {
    const { claim, token } = await claims.open(host1);
    const nonce = newNonce();
    await claims.present(token, claim.jobId, nonce);
    await claims.tasks.end(host1, claim.jobId);
    const before = await claims.get(host1, claim.uid);
    await assert.rejects(claims.present(token, claim.jobId, nonce), refused);
    // It has not changed: who watches it is told nothing.
    assert.deepEqual(await claims.get(host1, claim.uid), before);
    assert.deepEqual(await claims.refusals(host1, claim.uid), ["over 1 192.0.2.9"]);
  });

  it("C13 C14 U46 guesses are refused alike, told to the opener, and never close the claim", async () => {
    const [mine, other] = [await claims.open(host1), await claims.open(host2)];
    const { id = "", secret = "" } = parseBearerToken(mine.token) ?? {};
    for (let count = 0; count < 20; count += 1) {
      const changed = tokenOf(id, `${secret.slice(0, -2)}${String(count).padStart(2, "A")}`);
      await assert.rejects(claims.present(changed, mine.claim.jobId), refused);
      const unknown = tokenOf("u".repeat(16), secret);
      await assert.rejects(claims.present(unknown, mine.claim.jobId), refused);
    }
    await assert.rejects(claims.present(other.token, mine.claim.jobId), refused);
    await assert.rejects(claims.present(mine.token, "no-such-job"), refused);
    assert.deepEqual((await claims.refusals(host1, mine.claim.uid)).toSorted(), [
      ...["wrong_job 1 192.0.2.9", "wrong_secret 41 192.0.2.9"],
    ]);
    assert.deepEqual(await claims.refusals(host2, other.claim.uid), ["wrong_job 1 192.0.2.9"]);
    assert.equal((await claims.get(host1, mine.claim.uid)).state, "pending");
    await claims.present(mine.token, mine.claim.jobId);
    // A changed secret is told to the opener of a claim that is over, too.
    await assert.rejects(claims.present(tokenOf(id, "s".repeat(43)), mine.claim.jobId), refused);
    const told = await claims.refusals(host1, mine.claim.uid);
    assert.ok(told.includes("wrong_secret 42 192.0.2.9"));
  });
});
