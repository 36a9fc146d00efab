import assert from "node:assert/strict";
import { maxAssertionLength } from "../../../src/credentials/assertion.ts";
import { isKeyId, maxHeldKeys, parseKeyText } from "../../../src/credentials/keys/held-key.ts";
import { maxGrantLength, maxGrantLifeMs } from "../../../src/credentials/url-grant.ts";
import { requestedUse } from "../../../src/commands/url/grant-use.ts";
import { bootLifetimes, noticeMs } from "../../../src/commands/bot/issue-boot-token.ts";
import {
  checkReferences,
  isSecretName,
  maxOneTimeSecrets,
} from "../../../src/commands/bot/one-time-references.ts";
import { claimLifetimes, claimTexts, maxClaimMs } from "../../../src/commands/claim/claim-input.ts";
import { maxAudiences, requestedAudiences } from "../../../src/commands/credential/fields.ts";
import { subjectWrites } from "../../../src/commands/credential/require-allowance.ts";
import { maxSessionsMs, sessionLifetimes } from "../../../src/commands/session/new-session.ts";
import {
  enrollLifetimes,
  maxEnrollUses,
} from "../../../src/commands/runner/create-enroll-token.ts";
import { managersOfRunner } from "../../../src/commands/runner/create-runner.ts";
import { graces } from "../../../src/commands/runner/rotate-credential.ts";
import { runnerTokenLifetimes } from "../../../src/commands/runner/runner-token.ts";
import { isInfoText, isSystemId, maxInfo } from "../../../src/domain/credential/manager-info.ts";
import { isNonce } from "../../../src/commands/credential/nonce.ts";
import { lostAnswerMs } from "../../../src/domain/credential/lost-answer.ts";
import { maxGeneration } from "../../../src/domain/credential/bot-states.ts";
import {
  maxConcurrent as maxConcurrentWrites,
  maxWaiting as maxWaitingWrites,
} from "../../../src/storage/credential/transaction.ts";
import { maxRefusals } from "../../../src/storage/credential/claim-refusals.ts";
import {
  gateLeases,
  requestedGate,
  requestedLease,
} from "../../../src/commands/gate/requested-gate.ts";
import { checkText } from "../../../src/commands/input.ts";
import type { Lifetimes } from "../../../src/commands/credential/fields.ts";
import { maxLiveHolds } from "../../../src/commands/task/hold-task.ts";
import {
  readRegistration,
  registrationLimits,
  type RegistrationInput,
} from "../../../src/commands/task/registration.ts";
import { maxEarlyReleases } from "../../../src/commands/task/release-hold.ts";
import { maxRenewed } from "../../../src/commands/task/renew-holds.ts";
import { checkTaskId, leaseLimits } from "../../../src/commands/task/task-input.ts";
import { retentionMs } from "../../../src/storage/credential/sweep-rules.ts";
import { maxAbsentKeys } from "../../../src/credentials/absent-keys.ts";
import { maxCachedRecords } from "../../../src/credentials/record-cache.ts";
import {
  loadedLookUps,
  maxLookUpsAtOnce,
  maxWaitingLookUps,
} from "../../../src/credentials/record-reader.ts";
import {
  maxSources,
  unknownAtOnce,
  unknownPerSecond,
} from "../../../src/credentials/source-limiter.ts";
import { maxDenials, maxDenialsOfSource } from "../../../src/credentials/denial-counts.ts";
import { maxKnownBytes, maxKnownCallers } from "../../../src/rpc/credential/known-callers.ts";
import { maxNamesakes } from "../../../src/storage/credential/list-credentials.ts";
import { count, longest, passes, type Limits } from "./probes.ts";

function isRegistration(parts: Partial<RegistrationInput>): boolean {
  return passes(() => {
    readRegistration({
      ...{ taskId: "t", realm: "a:b", holdId: "00000000-0000-4000-8000-000000000000" },
      ...{ leaseMs: undefined, timeLimitMs: undefined, permissions: [], audiences: [] },
      ...{ trust: "trusted", ref: "", defaultRef: "", delegatedUser: "", dependencies: [] },
      ...{ pool: "", botId: "", token: "", awaitingAck: false },
      ...parts,
    });
  });
}

/** Of bots, tasks, runners, claims and gates. */
export const credentialLimits: Limits = {
  "one-time secrets of a bot; name, reference of one": () => {
    const name = longest((text) => isSecretName(text));
    const reference = longest((text) => passes(() => checkReferences(new Map([["a", text]]))));
    return `${maxOneTimeSecrets}; ${name}, ${reference} characters`;
  },
  "attempts to set a bot up; how long one may take (its boot token lives 5 minutes longer)": () => {
    assert.equal(noticeMs, 5 * 60_000);
    assert.deepEqual([bootLifetimes.min, bootLifetimes.max], [1000, 24 * 3_600_000]);
    return `${maxGeneration}; ${bootLifetimes.words}`;
  },
  "life of a session; how long after it was opened it can be taken over again and again": () => {
    assert.deepEqual([sessionLifetimes.min, sessionLifetimes.max], [60_000, 30 * 86_400_000]);
    return `${sessionLifetimes.words}; ${maxSessionsMs / 86_400_000} days`;
  },
  "id of a task; its ref": () =>
    `${longest((text) => passes(() => checkTaskId(text)))} characters; ${longest((ref) => isRegistration({ ref }))} characters`,
  "permissions and dependencies of one task": () => {
    const { permissions, dependencies } = registrationLimits;
    const list = (length: number) => Array.from({ length }, () => "a.b.c");
    assert.ok(isRegistration({ permissions: list(permissions) }));
    assert.ok(!isRegistration({ permissions: list(permissions + 1) }));
    return `${permissions}, ${dependencies}`;
  },
  "token that a forge made for a task": () => {
    const { min, max } = registrationLimits.tokenLength;
    const lengths = [min - 1, min, max, max + 1];
    const good = lengths.map((length) => isRegistration({ token: "a".repeat(length) }));
    assert.deepEqual(good, [false, true, true, false]);
    return `${min} to ${max} visible ASCII characters`;
  },
  "how long a task may be executed; the lease of a hold": () => {
    const times = (limits: Lifetimes, name: "timeLimitMs" | "leaseMs") => {
      const edges = [limits.min - 1, limits.min, limits.max, limits.max + 1];
      const good = edges.map((ms) => isRegistration({ [name]: ms }));
      assert.deepEqual(good, [false, true, true, false]);
      return limits.words;
    };
    assert.deepEqual([leaseLimits.min, leaseLimits.max], [10_000, 3_600_000]);
    const { timeLimit } = registrationLimits;
    assert.deepEqual([timeLimit.min, timeLimit.max], [1_000, 30 * 86_400_000]);
    return `${times(timeLimit, "timeLimitMs")}; ${times(leaseLimits, "leaseMs")}`;
  },
  "live holds of one task (`holds`); holds that one request renews": () =>
    `${count(maxLiveHolds)}; ${count(maxRenewed)}`,
  "holds of one peer that are remembered as released before they were registered (`early_releases`); for how long":
    () => {
      assert.equal(retentionMs.holds, 86_400_000);
      return `${count(maxEarlyReleases)}; a day`;
    },
  "deadline of a claim, from now on; from its opening, however often it is extended": () =>
    `${claimLifetimes.words}; ${maxClaimMs / 86_400_000} days`,
  "what is said of the executor of a claim, for its worker, of its executor's failure; refusals that GetClaim tells":
    () => {
      const error = longest((text) => passes(() => checkText("error", text)));
      return `${claimTexts.executor}, ${count(claimTexts.payload)}, ${error} characters; ${maxRefusals}`;
    },
  "nonce of TakeOverSession, Enroll, RotateCredential and PresentClaim; how long it makes the call safe to repeat":
    () => {
      const most = longest((text) => isNonce(text), "a".repeat(16));
      assert.deepEqual([isNonce("a".repeat(15)), isNonce("a".repeat(16))], [false, true]);
      return `16 to ${most} characters; ${lostAnswerMs / 1000} seconds`;
    },
  "managers that a runner may have (`managers`); unless said": () =>
    `${count(managersOfRunner.max)}; ${managersOfRunner.usual}`,
  "uses of an enrolment token; its life": () => {
    assert.deepEqual([enrollLifetimes.min, enrollLifetimes.max], [60_000, 30 * 86_400_000]);
    return `${count(maxEnrollUses)}; ${enrollLifetimes.words}`;
  },
  "life of a runner token; how long it goes on when it was rotated": () => {
    const { min, max } = runnerTokenLifetimes;
    assert.deepEqual([min, max], [3_600_000, 90 * 86_400_000]);
    assert.deepEqual([graces.min, graces.max], [0, 7 * 86_400_000]);
    return `${runnerTokenLifetimes.words}; ${graces.words}`;
  },
  "system id of a machine; what it says of itself: a text, labels": () =>
    `${longest(isSystemId)} characters; ${longest(isInfoText)} characters, ${maxInfo.labels}`,
  "audiences of a credential; one of them": () =>
    `${maxAudiences}; ${longest((text) => passes(() => requestedAudiences([text])))} characters`,
  "keys that a server holds; bytes of one": () => {
    const sizes = Array.from({ length: 100 }, (_, size) => size).filter(
      (size) => parseKeyText(Buffer.from([...Array(size).keys()]).toString("base64")) !== undefined,
    );
    return `${maxHeldKeys}; ${sizes.at(0)} to ${sizes.at(-1)}`;
  },
  "id of a key": () => `${longest(isKeyId)} characters`,
  "caller assertion": () => `${count(maxAssertionLength)} characters`,
  "purpose, method, resource of a signed URL": () => {
    const use = { purpose: "p", method: "M", resource: "r" };
    const purpose = longest((text) => passes(() => requestedUse({ ...use, purpose: text })));
    const method = longest((text) =>
      passes(() => requestedUse({ ...use, method: text.toUpperCase() })),
    );
    const resource = longest((text) => passes(() => requestedUse({ ...use, resource: text })));
    return `${purpose}, ${method}, ${resource} characters`;
  },
  "life of a signed URL; the grant in it": () =>
    `${maxGrantLifeMs / 3_600_000} hour; ${count(maxGrantLength)} characters`,
  "denials of credentials that a process tells apart in a minute: where the secret was right; others; of one source among these":
    () => `${count(maxDenials)}; ${count(maxDenials)}; ${count(maxDenialsOfSource)}`,
  "subjects that had one id, one after another, of which ListCredentials tells: the newest": () =>
    count(maxNamesakes),
  "writes of credentials that a process has under way: of one peer while others wait, of one alone, in all; that wait: of one peer (`credential_writers_of_peer`), in all (`credential_writers`)":
    () =>
      `${maxConcurrentWrites.ofPeer}, ${maxConcurrentWrites.inAll - 1}, ${maxConcurrentWrites.inAll}; ${maxWaitingWrites.ofPeer}, ${count(maxWaitingWrites.inAll)}`,
  "writes of one peer (of a bot: by one kind of its tokens) about one bot, task or runner that leave rows (`subject_writes`), a process: at once; in a second":
    () => `${subjectWrites.atOnce}; ${subjectWrites.perSecond}`,
  "tokens of bots, tasks and runners: unknown ones of a source that are looked up in a second, at once, whatever waits; look-ups that wait from which on it has no more; sources that a process tells apart":
    () => `${unknownPerSecond}, ${unknownAtOnce}; ${count(loadedLookUps)}; ${count(maxSources)}`,
  "look-ups of such tokens in one statement; that wait in a process; records, absent ones, callers with what it told of them that it keeps; what it keeps of one caller":
    () =>
      `${maxLookUpsAtOnce}; ${count(maxWaitingLookUps)}; ${count(maxCachedRecords)}, ${count(maxAbsentKeys)}, ${count(maxKnownCallers)}; ${maxKnownBytes / 1024} KiB`,
  "the lease of a gate; the name of its holder": () => {
    const { min, max, words } = gateLeases;
    assert.deepEqual([min, max], [10_000, 600_000]);
    for (const ms of [min, max]) assert.equal(requestedLease(ms), ms);
    for (const ms of [min - 1, max + 1]) assert.throws(() => requestedLease(ms), /lease/);
    const named = (length: number) => () =>
      requestedGate({ area: "all", holder: "x".repeat(length) });
    assert.doesNotThrow(named(128));
    assert.throws(named(129), /holder/);
    return `${words}; 128 characters`;
  },
};
