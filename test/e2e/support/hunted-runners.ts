import assert from "node:assert/strict";
import { newNonce } from "./hunted-claims.ts";
import { inArea, realm, wrong, type SecretHunt } from "./secret-hunt.ts";

const hidden = { secret: true };
const enrol = "RunnerService/Enroll";
const rotate = "CredentialService/RotateCredential";
const runnerId = "linux-1";

/** Sets a runner up, enrols and rotates, with all that can go wrong; gives the token of a machine that works. */
export async function huntRunners(
  { secret, ok, fails, keys }: SecretHunt,
  broken: (sql: readonly [string, string], during: () => Promise<void>) => Promise<void>,
): Promise<string> {
  const { provisioner, cache } = keys;
  await ok("RunnerService/CreateRunner", { runnerId, realm }, provisioner);
  const uses = { runnerId, maxUses: 2 };
  const { token: made } = await ok("RunnerService/CreateEnrollToken", uses, provisioner, hidden);
  const enrolment = secret("enrolment token", made);
  const machine = { systemId: "s_1", nonce: secret("nonce of the machine", newNonce()) };
  await fails(enrol, machine, secret("enrolment token with another secret", wrong(enrolment)));
  await fails(enrol, { ...machine, systemId: enrolment }, enrolment);
  await fails(enrol, { ...machine, nonce: `${machine.nonce}\n` }, enrolment);
  await fails(enrol, { ...machine, nonce: enrolment }, enrolment);
  await fails(enrol, { ...machine, info: { name: `${enrolment}\n` } }, enrolment);
  await fails(enrol, `{"systemId":"s_1","nonce":"${machine.nonce}",`, enrolment);
  await fails("RunnerService/GetRunner", {}, enrolment);
  const noRunnerTokens = [
    "alter table credential add constraint no_more check (kind <> 'runner') not valid",
    "alter table credential drop constraint no_more",
  ] as const;
  await broken(noRunnerTokens, () => fails(enrol, machine, enrolment));
  const { token: lost } = await ok(enrol, machine, enrolment, hidden);
  const replaced = secret("runner token whose answer was lost", lost);
  const { token: arrived } = await ok(enrol, machine, enrolment, hidden);
  const first = secret("runner token", arrived);
  const stranger = { systemId: "s_1", nonce: secret("nonce of another machine", newNonce()) };
  await fails(enrol, stranger, enrolment);
  await fails("RunnerService/Heartbeat", {}, replaced);
  await ok("RunnerService/Heartbeat", { ready: true, info: { name: "rack1-07" } }, first);
  await fails("RunnerService/Heartbeat", { info: { version: first.repeat(2) } }, first);
  const shown = { token: first, audience: "cache" };
  const who = await ok("CallerService/IdentifyCaller", shown, cache, hidden);
  secret("assertion for the runner", who["assertion"]);

  // Rotated with a grace, of which the answer is lost once; then without one.
  const renewal = { nonce: secret("nonce of the rotation", newNonce()) };
  await broken(noRunnerTokens, () => fails(rotate, renewal, first));
  const { token: lostToo } = await ok(rotate, renewal, first, hidden);
  secret("rotated runner token whose answer was lost", lostToo);
  const { token: renewed } = await ok(rotate, renewal, first, hidden);
  const second = secret("rotated runner token", renewed);
  const copied = { nonce: secret("nonce of a copy", newNonce()) };
  await fails(rotate, copied, first);
  await fails(rotate, { ...copied, credentialId: second }, second);
  await ok("RunnerService/Heartbeat", {}, first);
  await ok("RunnerService/Heartbeat", {}, second);
  const atOnce = { nonce: secret("nonce of the last rotation", newNonce()), grace: "0s" };
  const { token: newest } = await ok(rotate, atOnce, second, hidden);
  const third = secret("runner token rotated at once", newest);
  // After the grace: somebody has kept a copy.
  await fails("RunnerService/Heartbeat", {}, second);
  await fails(rotate, copied, second);
  await fails("CallerService/IdentifyCaller", { token: second, audience: "cache" }, cache);
  await ok("RunnerService/Heartbeat", {}, third);

  // Another machine uses the token up, is rotated by who manages the runner, and deleted.
  const other = { systemId: "s_2", nonce: secret("nonce of the second machine", newNonce()) };
  const { token: ofOther, credentialId } = await ok(enrol, other, enrolment, hidden);
  const deleted = secret("runner token of the second machine", ofOther);
  await fails(enrol, { ...stranger, systemId: "s_3" }, enrolment);
  const byManager = { credentialId, nonce: secret("nonce of the manager", newNonce()) };
  const { token: forOther } = await ok(rotate, byManager, provisioner, hidden);
  secret("runner token rotated by the manager", forOther);
  for (const paused of [true, false]) {
    await ok("RunnerService/SetRunnerPaused", { runnerId, paused }, provisioner);
  }
  await ok("RunnerService/ListManagers", { runnerId }, provisioner);
  await ok("RunnerService/DeleteManager", { runnerId, systemId: "s_2" }, provisioner);
  await fails("RunnerService/Heartbeat", {}, deleted);
  const identity = `runner:${runnerId}`;
  await ok("CredentialService/ListCredentials", { identity, showEnded: true }, cache);
  for (const misplaced of [enrolment, third]) {
    await fails("CredentialService/GetCredential", { credentialId: misplaced }, cache);
    await fails("RunnerService/ListRunners", { realm: misplaced }, provisioner);
    await fails("RunnerService/ListRunners", { realm, pageToken: misplaced }, provisioner);
  }
  return third;
}

/** Closes gates in the way of all of them, until they are released or lapse, and deletes the runner. */
export async function huntGates(
  { secret, ok, fails, call, keys }: SecretHunt,
  {
    claim,
    machine,
    lapse,
  }: {
    readonly claim: { readonly jobId: string; readonly token: string };
    readonly machine: string;
    /** Has the leases end by themselves. */
    readonly lapse: () => Promise<void>;
  },
): Promise<void> {
  const { admin, provisioner } = keys;
  const gate = { area: "GATE_AREA_ALL", holder: "migration" };
  const ofToken = { runnerId, maxUses: 1 };
  const { token } = await ok("RunnerService/CreateEnrollToken", ofToken, provisioner, hidden);
  const enrolment = secret("enrolment token before a closed gate", token);
  const nonce = secret("nonce before a closed gate", newNonce());
  await fails("GateService/AcquireGate", gate, machine);
  await ok("GateService/AcquireGate", { ...gate, reason: "0004" }, admin);
  const { jobId } = claim;
  for (const [method, message, bearer] of [
    ["ClaimService/PresentClaim", { jobId, nonce }, claim.token],
    [enrol, { systemId: "s_3", nonce }, enrolment],
    [rotate, { nonce }, machine],
    ["RunnerService/Heartbeat", {}, machine],
  ] as const) {
    assert.match((await call(inArea(method), message, bearer)).text, /GATE_CLOSED/, method);
  }
  await ok("GateService/RenewGate", gate, admin);
  await ok("GateService/ListGates", {}, admin);
  await ok("GateService/ReleaseGate", gate, admin);
  await ok("GateService/AcquireGate", gate, admin);
  await lapse();
  const next = { area: "GATE_AREA_FLEET", holder: "another" };
  await ok("GateService/AcquireGate", next, admin);
  await ok("GateService/ReleaseGate", next, admin);
  await ok("RunnerService/Heartbeat", {}, machine);
  const won = await ok("ClaimService/PresentClaim", { jobId, nonce }, claim.token, hidden);
  secret("task token after a closed gate", won["token"]);
  await ok("RunnerService/DeleteRunner", { runnerId }, provisioner);
  await fails("RunnerService/Heartbeat", {}, machine);
}
