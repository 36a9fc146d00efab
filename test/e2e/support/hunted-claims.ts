import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { inArea, realm, wrong, type SecretHunt } from "./secret-hunt.ts";

const hidden = { secret: true };
const terms = { timeLimit: "600s", trust: "TRUST_TRUSTED" };

/** A nonce that nobody can guess. */
export function newNonce(): string {
  return randomBytes(24).toString("base64url");
}

/** Opens, presents and ends claims, with all that can go wrong; gives a claim that is pending still. */
export async function huntClaims(
  { secret, ok, fails, call, keys }: SecretHunt,
  broken: (sql: readonly [string, string], during: () => Promise<void>) => Promise<void>,
): Promise<{ readonly jobId: string; readonly token: string }> {
  const { host, cache } = keys;
  const present = "ClaimService/PresentClaim";
  const of = { claimId: randomUUID(), jobId: "job-1" };
  const wanted = { ...of, realm, terms, executor: "vm-1", payload: "queue/7" };
  const opened = await ok("ClaimService/OpenClaim", wanted, host, hidden);
  const dead = secret("claim token whose answer was lost", opened["token"]);
  const repeated = await ok("ClaimService/OpenClaim", wanted, host, hidden);
  const token = secret("claim token", repeated["token"]);
  await fails("ClaimService/OpenClaim", { ...wanted, claimId: randomUUID() }, host);
  await fails("ClaimService/OpenClaim", { ...wanted, claimId: token }, host);
  await fails("ClaimService/OpenClaim", { ...wanted, terms: { trust: token } }, host);

  // Wrong in every part, and none of it takes the claim.
  const nonce = secret("nonce of the worker", newNonce());
  const shown = { jobId: of.jobId, nonce };
  await fails(present, shown, dead);
  await fails(present, shown, secret("claim token with another secret", wrong(token)));
  await fails(present, { ...shown, jobId: "job-2" }, token);
  await fails(present, { ...shown, jobId: token }, token);
  await fails(present, { ...shown, nonce: `${nonce}\n` }, token);
  await fails(present, { ...shown, nonce: token }, token);
  await fails(present, `{"jobId":"job-1","nonce":"${nonce}",`, token);
  await fails(present, { ...shown, nonce: [nonce] }, token);
  await fails(present, shown, undefined);
  await fails(present, shown, `${token}, Bearer ${token}`);
  await fails("TaskService/GetTask", {}, token);
  await fails("CallerService/IdentifyCaller", { token, audience: "cache" }, cache);
  const claimed = [
    "alter table claim add constraint no_more check (state <> 'claimed') not valid",
    "alter table claim drop constraint no_more",
  ] as const;
  await broken(claimed, () => fails(present, shown, token));

  const won = await ok(present, shown, token, hidden);
  secret("task token of the winner", won["token"]);
  const again = await ok(present, shown, token, hidden);
  const task = secret("task token of the winner, once more", again["token"]);
  await ok("TaskService/GetTask", {}, task);
  const stranger = secret("nonce of another worker", newNonce());
  await fails(present, { ...shown, nonce: stranger }, token);
  await ok("TaskService/EndTask", { taskId: of.jobId, state: "TASK_STATE_SUCCEEDED" }, host);
  await fails(present, shown, token);

  // One is superseded, which is told again; its follower extended and canceled; the last one's executor fails.
  const second = { ...wanted, claimId: randomUUID(), jobId: "job-2" };
  const { token: first } = await ok("ClaimService/OpenClaim", second, host, hidden);
  const superseded = secret("claim token that was superseded", first);
  const next = { claimId: second.claimId, newClaimId: randomUUID() };
  const { token: lost } = await ok("ClaimService/SupersedeClaim", next, host, hidden);
  secret("claim token of the follower whose answer was lost", lost);
  const { token: followed } = await ok("ClaimService/SupersedeClaim", next, host, hidden);
  const follower = secret("claim token of the follower", followed);
  const { newClaimId: claimId } = next;
  const job = { jobId: second.jobId, nonce: secret("nonce that never won", newNonce()) };
  await fails(present, job, superseded);
  await ok("ClaimService/ExtendClaim", { claimId, ttl: "60s" }, host);
  await ok("ClaimService/CancelClaim", { claimId }, host);
  await fails(present, job, follower);
  await fails("ClaimService/GetClaim", { claimId: follower }, host);
  const third = { ...wanted, claimId: randomUUID(), jobId: "job-3" };
  const failing = await ok("ClaimService/OpenClaim", third, host, hidden);
  secret("claim token of a failed executor", failing["token"]);
  const report = { claimId: third.claimId, error: "no machine" };
  await ok("ClaimService/ReportExecutor", report, host);

  await ok("ClaimService/GetClaim", { claimId: of.claimId }, host);
  await ok("ClaimService/ListClaims", { realm, showEnded: true }, host);
  // All that are watched are over, so the stream ends.
  const ids = JSON.stringify({ claimIds: [of.claimId] });
  const headers = { "content-type": "application/connect+json" };
  const frame = `\0\0\0\0${String.fromCharCode(ids.length)}${ids}`;
  const watched = await call(inArea("ClaimService/WatchClaims"), frame, host, { headers });
  assert.match(watched.text, /CLAIM_STATE_CLAIMED/);

  const last = { ...wanted, claimId: randomUUID(), jobId: "job-4" };
  const pending = await ok("ClaimService/OpenClaim", last, host, hidden);
  return { jobId: last.jobId, token: secret("claim token that is pending", pending["token"]) };
}
