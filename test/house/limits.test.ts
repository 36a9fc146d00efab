import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { maxAssertionLength } from "../../src/credentials/assertion.ts";
import { isKeyId, maxHeldKeys, parseKeyText } from "../../src/credentials/keys/held-key.ts";
import { maxGrantLength, maxGrantLifeMs } from "../../src/credentials/url-grant.ts";
import { requestedUse } from "../../src/commands/url/grant-use.ts";
import { mintApiKey } from "../../src/commands/api-key.ts";
import { bootLifetimes, noticeMs } from "../../src/commands/bot/issue-boot-token.ts";
import {
  checkReferences,
  isSecretName,
  maxOneTimeSecrets,
} from "../../src/commands/bot/one-time-references.ts";
import { claimLifetimes, claimTexts, maxClaimMs } from "../../src/commands/claim/claim-input.ts";
import { maxAudiences, requestedAudiences } from "../../src/commands/credential/fields.ts";
import { subjectWrites } from "../../src/commands/credential/require-allowance.ts";
import { maxSessionsMs, sessionLifetimes } from "../../src/commands/session/new-session.ts";
import { enrollLifetimes, maxEnrollUses } from "../../src/commands/runner/create-enroll-token.ts";
import { managersOfRunner } from "../../src/commands/runner/create-runner.ts";
import { graces } from "../../src/commands/runner/rotate-credential.ts";
import { runnerTokenLifetimes } from "../../src/commands/runner/runner-token.ts";
import { isInfoText, isSystemId, maxInfo } from "../../src/domain/credential/manager-info.ts";
import { isNonce } from "../../src/commands/credential/nonce.ts";
import { lostAnswerMs } from "../../src/domain/credential/lost-answer.ts";
import { maxGeneration } from "../../src/domain/credential/bot-states.ts";
import {
  maxConcurrent as maxConcurrentWrites,
  maxWaiting as maxWaitingWrites,
} from "../../src/storage/credential/transaction.ts";
import { maxRefusals } from "../../src/storage/credential/claim-refusals.ts";
import { maxWatchedClaims } from "../../src/rpc/credential/watch-claims.ts";
import { maxListedItems } from "../../src/commands/apply-config.ts";
import { maxRevertItems } from "../../src/commands/change/revert-change.ts";
import { maxLiveKeys } from "../../src/commands/create-api-key.ts";
import { maxGlobsOfAll, maxGlobsOfGroup } from "../../src/commands/glob-limits.ts";
import { maxMembersOfAnswer } from "../../src/commands/group/get-group.ts";
import { maxGlobs, maxMembers, maxNested } from "../../src/commands/group/group-syntax.ts";
import {
  maxImportedGroups,
  maxImportedMembers,
  maxImportedText,
  maxImportMessages,
  maxMembersOfMessage,
} from "../../src/commands/group/imported-groups.ts";
import {
  gateLeases,
  requestedGate,
  requestedLease,
} from "../../src/commands/gate/requested-gate.ts";
import { checkText } from "../../src/commands/input.ts";
import { maxPageSize } from "../../src/commands/page-size.ts";
import type { Lifetimes } from "../../src/commands/credential/fields.ts";
import { maxLiveHolds } from "../../src/commands/task/hold-task.ts";
import {
  readRegistration,
  registrationLimits,
  type RegistrationInput,
} from "../../src/commands/task/registration.ts";
import { maxEarlyReleases } from "../../src/commands/task/release-hold.ts";
import { maxRenewed } from "../../src/commands/task/renew-holds.ts";
import { checkTaskId, leaseLimits } from "../../src/commands/task/task-input.ts";
import { retentionMs } from "../../src/storage/credential/sweep-rules.ts";
import { maxAliasedNodes, maxAliases } from "../../src/config/aliases.ts";
import { maxTakeOverMs } from "../../src/commands/group/take-over-group.ts";
import { maxTakeOvers } from "../../src/commands/group/take-overs.ts";
import { maxGroupFiles, maxGroupText } from "../../src/config/luci/group-limits.ts";
import { maxTextFormatDepth, maxTextFormatLength } from "../../src/config/luci/text-format.ts";
import { maxFindings } from "../../src/config/lint/lint.ts";
import { maxTestCases } from "../../src/config/policy-tests/check-test.ts";
import { maxProblems } from "../../src/config/problem-list.ts";
import { maxTextLength } from "../../src/config/read-yaml.ts";
import { maxBotIds } from "../../src/config/rules/bot-ids.ts";
import { attributeName } from "../../src/config/rules/permissions.ts";
import { validateConfiguration } from "../../src/config/validate.ts";
import { maxGlobLength } from "../../src/domain/glob.ts";
import { maxIdentityLength } from "../../src/domain/identity.ts";
import { maxAbsentKeys } from "../../src/credentials/absent-keys.ts";
import { maxCachedRecords } from "../../src/credentials/record-cache.ts";
import {
  loadedLookUps,
  maxLookUpsAtOnce,
  maxWaitingLookUps,
} from "../../src/credentials/record-reader.ts";
import {
  maxSources,
  unknownAtOnce,
  unknownPerSecond,
} from "../../src/credentials/source-limiter.ts";
import { maxDenials, maxDenialsOfSource } from "../../src/credentials/denial-counts.ts";
import * as names from "../../src/domain/names.ts";
import { maxEffects } from "../../src/engine/effects/effects.ts";
import { maxGrants, maxMemberships } from "../../src/engine/inspect/explanation.ts";
import { maxChangesPerGrant } from "../../src/engine/inspect/grants-for-all-pools.ts";
import { maxNumberSetSize } from "../../src/domain/number-set.ts";
import { maxDocumentBytes } from "../../src/identity/fetch-json.ts";
import { maxJwtLength, maxUnverified, remoteTiming } from "../../src/identity/jwt-verifier.ts";
import { maxWaiting } from "../../src/identity/key-cache.ts";
import { maxKeys, rsaBits } from "../../src/identity/key-set.ts";
import { parseSpiffeId } from "../../src/identity/spiffe-id.ts";
import { maxRebuilds, maxRebuilt, rebuiltMs } from "../../src/replica/rebuilds.ts";
import { maxChecks } from "../../src/rpc/acl/batch.ts";
import { maxAwayMs } from "../../src/credentials/missed-revocations.ts";
import { maxBacklog } from "../../src/credentials/revocation-queue.ts";
import { maxWatches } from "../../src/rpc/credential/watch-slots.ts";
import { maxInquiries } from "../../src/rpc/credential/caller-methods.ts";
import { maxKnownBytes, maxKnownCallers } from "../../src/rpc/credential/known-callers.ts";
import { maxResources } from "../../src/rpc/acl/packed-syntax.ts";
import { maxPools } from "../../src/rpc/acl/pool-checks.ts";
import { maxFiles, maxPathLength } from "../../src/rpc/admin/config-routes.ts";
import { importPatience, maxImports } from "../../src/rpc/admin/import-groups.ts";
import { maxListings } from "../../src/rpc/inspect/listing-memo.ts";
import { maxAclBytes, maxAdminBytes, maxGroupBytes, maxPublicBytes } from "../../src/rpc/router.ts";
import { maxHealthWatchers } from "../../src/server/health.ts";
import { maxOfIssuer } from "../../src/server/jwt-issuer-shape.ts";
import { maxCertificateRules, maxIssuers } from "../../src/server/structured-options.ts";
import { maxFaults } from "../../src/storage/history/verify-changes.ts";
import { maxNamesakes } from "../../src/storage/credential/list-credentials.ts";
import { maxWriters } from "../../src/storage/transaction.ts";
import { maxAlternativeNames } from "../../src/server/read-client-certificate.ts";

const page = readFileSync(new URL("../../docs/limits.md", import.meta.url), "utf8");
const rows = new Map(
  [...page.matchAll(/^\| (.+) \| (.+) \|$/gm)]
    .map(([, what = "", limit = ""]) => [what, limit] as const)
    .filter(([what]) => what !== "what"),
);

const count = (value: number): string => value.toLocaleString("en-US");
const mebi = (value: number): string => `${value / 1024 / 1024} Mi`;

/** Whether it does not throw. */
function passes(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** The length of the longest text that a test lets pass; there is one, and it is below 20,000. */
function longest(passes: (text: string) => boolean, prefix = ""): string {
  let [good, bad] = [prefix.length, 20_000];
  const isGood = (length: number): boolean => passes(prefix.padEnd(length, "a"));
  assert.ok(isGood(prefix.length + 1) && !isGood(bad));
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  return count(good);
}

const longestName = ({ test }: names.NameRule, prefix?: string): string => longest(test, prefix);

function isValid(yaml: (text: string) => string): (text: string) => boolean {
  return (text) => {
    const files = [{ path: "fleet.yaml", text: yaml(text) }];
    const { problems } = validateConfiguration({ source: "main", files, others: new Map() });
    return problems.every(({ severity }) => severity === "warning");
  };
}

const describedGroup = isValid(
  (text) => `groups: [{ name: g, members: ["user:a@b.c"], description: "${text}" }]`,
);
const conditionalBinding = isValid(
  (text) => `
permissions: [{ name: a.b.c, attributes: [k] }]
projects:
  - name: p
    realms:
      - name: r
        bindings:
          - role: role/swarming.poolUser
            principals: ["user:a@b.c"]
            conditions: [{ attribute: k, values: ["${text}"] }]
`,
);

function isFreeText(text: string): boolean {
  try {
    checkText("reason", text);
    return true;
  } catch {
    return false;
  }
}

const now = new Date("2026-01-01T00:00:00Z");

function isLife(ttlSeconds: number): boolean {
  const deps = { clock: () => now, randomBytes: (size: number) => new Uint8Array(size) };
  const wanted = { identity: "user:a@b.c", description: "", ttlSeconds, noExpiry: false };
  try {
    mintApiKey(deps as Parameters<typeof mintApiKey>[0], "user:a@b.c", wanted);
    return true;
  } catch {
    return false;
  }
}

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

/** What each row must say. */
const expected: Readonly<Record<string, () => string>> = {
  "request of AclService, InspectService and ChangeService": () => `${mebi(maxAclBytes)}B`,
  "request of ConfigService and ApiKeyService": () => `${mebi(maxAdminBytes)}B`,
  "request to GroupService that takes members, and message of ImportGroups; from a peer that may write no group":
    () => `${mebi(maxGroupBytes)}B; ${mebi(maxAclBytes)}B`,
  "message to health or reflection": () => `${maxPublicBytes / 1024} KiB`,
  "pools in one question": () => count(maxPools),
  "checks in one BatchCheck": () => count(maxChecks),
  "pools, tasks or bots in one BatchCheckPacked": () => count(maxResources),
  "tokens in one BatchIdentifyCallers": () => count(maxInquiries),
  "streams that watch revocations of a process (`watches`): of one peer; in all": () =>
    `${count(maxWatches.ofPeer)}; ${count(maxWatches.inAll)}`,
  "streams that watch claims of a process (`claim_watches`): of one peer; in all; claims of one; claims of all":
    () =>
      `${count(maxWatches.ofPeer)}; ${count(maxWatches.inAll)}; ${count(maxWatchedClaims)}; ${count(maxWatches.things)}`,
  "changes that wait for one such stream to be read (`watch_backlog`), which ends beyond it; for how long one may be away and go on from its cursor":
    () => `${count(maxBacklog)}; ${count(maxAwayMs / 3_600_000)} hour`,
  "identity, glob": () => {
    assert.equal(maxIdentityLength, maxGlobLength);
    return `${count(maxIdentityLength)} characters`;
  },
  permission: () => `${longestName(names.permissionName, "a.b.")} characters`,
  "pool, bot id, task id": () => {
    const length = longestName(names.poolName);
    assert.equal(longestName(names.botId), length);
    assert.equal(longestName(names.taskId), length);
    return `${length} characters`;
  },
  "project, group, realm": () =>
    `${longestName(names.projectName)}, ${longestName(names.groupName)} (and a prefix), ${longestName(names.realmName)} characters`,
  role: () => {
    const length = longestName(names.roleName, "role/");
    assert.equal(longestName(names.customRoleName, "customRole/"), length);
    return `${length} characters`;
  },
  "source, bot group": () => {
    const length = longestName(names.sourceName);
    assert.equal(longestName(names.botGroupName), length);
    return `${length} characters`;
  },
  "files in one configuration": () => count(maxFiles),
  "path of one configuration file": () => `${count(maxPathLength)} characters`,
  "text of one configuration file": () => `${mebi(maxTextLength)} characters`,
  "YAML aliases in one file, and values that are read through them": () =>
    `${count(maxAliases)}, ${count(maxAliasedNodes)}`,
  "text of a `*.cfg` of LUCI to import, and how deep its messages nest": () =>
    `${mebi(maxTextFormatLength)} characters, ${count(maxTextFormatDepth)}`,
  "lists of groups to import: files, all their texts together": () =>
    `${count(maxGroupFiles)}, ${mebi(maxGroupText)} characters`,
  "problems that one validation lists": () => count(maxProblems),
  "findings that `config lint` lists": () => count(maxFindings),
  "cases of one policy test": () => count(maxTestCases),
  "bot ids that one number set stands for; all of them together": () =>
    `${count(maxNumberSetSize)}; ${count(maxBotIds)}`,
  "attribute, value of a condition": () =>
    `${longestName(attributeName)}, ${longest(conditionalBinding)} characters`,
  "description of a group": () => `${longest(describedGroup)} characters`,
  "members, globs, nested groups in one request of GroupService": () =>
    [maxMembers, maxGlobs, maxNested].map(count).join(", "),
  "how long a group is taken over at one go; groups that are taken over (`take_overs`)": () =>
    `${maxTakeOverMs / 86_400_000} days; ${count(maxTakeOvers)}`,
  "globs of one group (`group_globs`); globs of all groups together (`globs`)": () =>
    `${count(maxGlobsOfGroup)}; ${count(maxGlobsOfAll)}`,
  "members that GetGroup shows; `LIMIT_EXCEEDED` calls it `group_members`": () =>
    count(maxMembersOfAnswer),
  "one import: `import_groups`, `import_members`, `import_text`, `import_messages`": () =>
    [
      count(maxImportedGroups),
      count(maxImportedMembers),
      `${mebi(maxImportedText)} characters`,
      count(maxImportMessages),
    ].join(", "),
  "members in one message of an import; imports that a process takes in at once, one of a peer (`imports`)":
    () => `${count(maxMembersOfMessage)}; ${count(maxImports)}`,
  "silence of an import while it is sent (`import_idle`); all the time that sending it takes (`import_time`)":
    () => `${importPatience.idleMs / 1000} seconds; ${importPatience.allMs / 60_000} minutes`,
  "writes that a process carries out or has waiting (`writers`); nothing of one beyond it is written":
    () => count(maxWriters),
  "description of a key, reason of a change or of a revocation": () =>
    `${longest(isFreeText)} characters`,
  "denials of credentials that a process tells apart in a minute: where the secret was right; others; of one source among these":
    () => `${count(maxDenials)}; ${count(maxDenials)}; ${count(maxDenialsOfSource)}`,
  "subjects that had one id, one after another, of which ListCredentials tells: the newest": () =>
    count(maxNamesakes),
  "API keys that are live at once; `LIMIT_EXCEEDED` calls it `api_keys`": () => count(maxLiveKeys),
  "life of an API key": () => {
    const tenYears = 10 * 365 * 24 * 60 * 60;
    assert.deepEqual([59, 60, tenYears, tenYears + 1].map(isLife), [false, true, true, false]);
    return "1 minute to 10 years, or without end";
  },
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
  "subject alternative names of a client certificate": () => count(maxAlternativeNames),
  "SPIFFE ID of a client certificate": () =>
    `${longest((text) => parseSpiffeId(text) !== undefined, "spiffe://a/")} bytes`,
  JWT: () => `${count(maxJwtLength)} characters`,
  "document of an issuer: its size, how long it may take, keys in it": () =>
    `${maxDocumentBytes / 1024} KiB, ${remoteTiming.loadMs / 1000} seconds, ${maxKeys}`,
  "JWTs that wait: for the keys of one issuer; for their signature to be verified": () =>
    `${count(maxWaiting)}; ${count(maxUnverified)}`,
  "RSA key of an issuer": () => `${count(rsaBits.min)} to ${count(rsaBits.max)} bits`,
  "`jwt_issuers`; audiences of one; rules of one; conditions of one rule": () =>
    [maxIssuers, ...Object.values(maxOfIssuer)].map(count).join("; "),
  "`client_certificates`": () => `${count(maxCertificateRules)} rules`,
  page: () => `${count(maxPageSize)} entries`,
  "earlier states that a process rebuilds or has waiting (`rebuilds`); a check beyond it is `FRESHNESS_NOT_REACHED`":
    () => count(maxRebuilds),
  "earlier states that are remembered; for how long": () =>
    `${count(maxRebuilt)}; ${rebuiltMs / 60_000} minute`,
  "items of a change that is reverted; `LIMIT_EXCEEDED` calls it `revert_items`": () =>
    count(maxRevertItems),
  "verifications of the log at once in a process (`verifications`); faults that one lists": () =>
    `1; ${count(maxFaults)}`,
  "grants in one explanation; changes in one grant": () =>
    `${count(maxGrants)}; ${count(maxChangesPerGrant)}`,
  "memberships in one explanation; `LIMIT_EXCEEDED` calls it `explanation_memberships`": () =>
    count(maxMemberships),
  "entries of the effects of a change; `LIMIT_EXCEEDED` calls it `effects`, and `summary_only` of Apply goes without them":
    () => count(maxEffects),
  "entities that Apply with validate_only lists (`change_items`)": () => count(maxListedItems),
  "listings that are remembered for their next pages, in each snapshot": () => count(maxListings),
  "streams that watch the health of a process: in one connection; in all": () =>
    `${count(maxHealthWatchers.inOneConnection)}; ${count(maxHealthWatchers.inAll)}`,
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

describe("docs/limits.md", () => {
  it("has the rows that are checked here, and no other", () => {
    assert.deepEqual([...rows.keys()], Object.keys(expected));
  });

  for (const [what, limit] of Object.entries(expected)) {
    it(`says how much is accepted: ${what}`, () => {
      assert.equal(rows.get(what), limit());
    });
  }
});
