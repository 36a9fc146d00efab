import {
  cannotTellAssertion,
  judgeAssertion,
  refuseAssertion,
  type AssertionVerdict,
} from "../../credentials/assertion.ts";
import type { Actor } from "../../credentials/deps.ts";
import {
  maxGrantLifeMs,
  signGrant,
  type Grant,
  type GrantTask,
  type GrantUse,
} from "../../credentials/url-grant.ts";
import { taskStateAt } from "../../domain/credential/gates.ts";
import { taskNotActive } from "../../domain/credential/task-not-active.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { identityKind } from "../../domain/identity.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { requestedLifetime, type Lifetimes } from "../credential/fields.ts";
import { isRealmDefined, requirePermission } from "../credential/require-permission.ts";
import { keyNotReady } from "../signing-key/key-not-ready.ts";
import type { UrlDeps } from "./deps.ts";
import { requestedUse } from "./grant-use.ts";
import { shownRefused } from "../credential/shown-refused.ts";

/** What is to be signed. */
export interface SignUrlInput extends GrantUse {
  /** Milliseconds; undefined: 10 minutes. */
  readonly ttlMs: number | undefined;
  readonly surviveTask: boolean;
  /** Empty: none. */
  readonly callerAssertion: string;
  /** Empty: that of the task. */
  readonly realm: string;
}

/** A signed grant. */
export interface SignedUrl {
  readonly grant: string;
  /** Milliseconds since 1970, of the database's clock. */
  readonly expiresAt: number;
}

const lifetimes: Lifetimes = {
  ...{ min: 1_000, max: maxGrantLifeMs, usual: 10 * 60_000 },
  words: "1 second to 1 hour",
};

/**
 * Signs the right to do one thing with one resource, for a task or for none. Reads no database. Throws PERMISSION_REQUIRED,
 * SHOWN_CREDENTIAL_REFUSED (the assertion), INVALID_FIELD, KEY_NOT_READY, TASK_NOT_ACTIVE, STORAGE_UNAVAILABLE.
 */
export function signUrl(
  deps: UrlDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: SignUrlInput,
): SignedUrl {
  const now = deps.identifier.databaseNow();
  const { realm, task, endsAt } = onWhoseBehalf(deps, actor, input, now);
  requirePermission(snapshot, actor, "fleetgate.urls.sign", realm);
  if (!isRealmDefined(snapshot, realm)) throw invalidField("realm", "must be defined");
  const use = requestedUse(input);
  const wantedMs = requestedLifetime("ttl", input.ttlMs, lifetimes);
  const lastsUntil = input.surviveTask ? Infinity : endsAt;
  const expiresAt = Math.floor(Math.min(now + wantedMs, lastsUntil));
  const [survives, signedBy] = [input.surviveTask, actor.identity];
  const grant: Grant = { realm, task, signedBy, expiresAt, survives };
  const text = signGrant(deps.keyring, use, grant);
  if (text === undefined) throw noKey(deps);
  return { grant: text, expiresAt };
}

/** For whom something is signed, and until when that one may do anything. */
interface Beneficiary {
  readonly realm: string;
  readonly task: GrantTask | undefined;
  readonly endsAt: number;
}

function onWhoseBehalf(deps: UrlDeps, actor: Actor, input: SignUrlInput, now: number): Beneficiary {
  const { callerAssertion, realm } = input;
  if (actor.record?.kind === "task") return itself(actor, input, now);
  if (callerAssertion !== "") {
    if (realm !== "") throw invalidField("realm", "must be empty: it is that of the task");
    return asserted(deps, actor, callerAssertion, now);
  }
  if (realm === "") throw invalidField("realm", "must be given, or caller_assertion");
  if (input.surviveTask) throw invalidField("survive_task", "must be false: there is no task");
  return { realm, task: undefined, endsAt: Infinity };
}

// That its token is good for more than reporting, admission has found out.
function itself(
  { record, identity }: Actor,
  { callerAssertion, realm, surviveTask }: SignUrlInput,
  now: number,
): Beneficiary {
  const subject = record?.subject;
  if (record === undefined || subject?.kind !== "task") throw shownRefused("the peer is no task");
  if (callerAssertion !== "") {
    throw invalidField("caller_assertion", "must be empty: a task signs on its own behalf");
  }
  if (realm !== "") throw invalidField("realm", "must be empty: it is that of the task");
  if (surviveTask) {
    throw invalidField("survive_task", "must be false: a task signs nothing that outlives it");
  }
  const endsAt = Math.min(subject.deadline, record.expiresAt);
  if (endsAt <= now) throw taskNotActive(taskStateAt(subject, now));
  const { uid, epoch, version } = subject;
  return { realm: subject.realm, task: { identity, uid, epoch, version }, endsAt };
}

function asserted(deps: UrlDeps, actor: Actor, text: string, now: number): Beneficiary {
  const { keyring, identifier, bookkeeping } = deps;
  const shown = judgeAssertion(keyring, identifier, text, actor.identity, now);
  const verdict = ofExecutedTask(shown, now);
  bookkeeping.asserted(verdict, actor);
  if (verdict.kind === "unknown") throw cannotTellAssertion();
  if (verdict.kind === "refused") throw shownRefused(`the assertion: ${verdict.why}`);
  const { caller: identity, subjectUid: uid, epoch, version, realm, endsAt } = verdict.assertion;
  return { realm, task: { identity, uid, epoch, version }, endsAt };
}

// Who may only report has nothing signed, nor has a bot.
function ofExecutedTask(verdict: AssertionVerdict, now: number): AssertionVerdict {
  if (verdict.kind !== "good") return verdict;
  const { assertion } = verdict;
  if (identityKind(assertion.caller) !== "task") return refuseAssertion("wrong_kind", assertion);
  if (assertion.use !== "all") return refuseAssertion("state", assertion);
  return assertion.endsAt <= now ? refuseAssertion("expired", assertion) : verdict;
}

function noKey({ keys }: UrlDeps): DomainError {
  if (keys?.isFollowed() === false) {
    return new DomainError("STORAGE_UNAVAILABLE", "the database never said which keys are used");
  }
  const rule = "none is active, or this replica does not have the active one";
  return keyNotReady("url", "", rule);
}
