import {
  botPermits,
  reportPermission,
  taskUseAt,
  type BotUse,
} from "../domain/credential/gates.ts";
import { lostAnswerMs } from "../domain/credential/lost-answer.ts";
import type { CredentialKind } from "../domain/credential/kinds.ts";
import type { CredentialRecord, TaskSubject } from "../domain/credential/subject.ts";
import { finalTaskStates } from "../domain/credential/task-states.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { holdsPermission, identityOf } from "./caller-info.ts";
import type { Inquiry } from "./identifier.ts";
import type { Refusal, Verdict } from "./verdict.ts";

/** What is asked about a credential of which the bearer has shown the secret. */
export interface Question {
  readonly inquiry: Pick<
    Inquiry,
    "audience" | "wantPermission" | "targetSubject" | "usedToo" | "lostAnswerMs"
  >;
  readonly snapshot: Snapshot;
  /** The clock of the database, milliseconds since 1970. */
  readonly now: number;
  /**
   * While the database is lost: until when, by its clock, all that it did is known. A lease that was live then counts as live, since
   * nobody can renew it; undefined: leases count as they are.
   */
  readonly knownUntil?: number | undefined;
}

interface Case extends Question {
  readonly record: CredentialRecord;
}

/** A check: why a credential is not accepted that fails it. */
export interface Check {
  /** Its number in the order of checks (docs/credentials.md). */
  readonly number: number;
  readonly why: Refusal | "mismatch" | "lacks";
  readonly fails: (of: Case) => boolean;
}

// A standby that takes the place of the database may have a clock that is behind: what was just issued is good all the same.
const startLeewayMs = 60_000;

const botUses: Readonly<Partial<Record<CredentialKind, BotUse>>> = {
  boot: "boot",
  session: "session",
  resume: "resume",
};

/**
 * The checks after that of the secret, in their order. The first one that fails decides why a credential is not accepted; that is
 * for the audit, and answers do not tell most of them apart. So an old generation learns nothing of the new one,
 * nor the bearer of a token of one subject about another.
 */
export const checks: readonly Check[] = [
  {
    number: 7,
    why: "not_yet_valid",
    fails: ({ record, now }) => now < record.notBefore - startLeewayMs,
  },
  // Its grace is over, and who shows it has kept a copy: that is worth an alarm, and a mere expiry is not.
  {
    number: 7,
    why: "rotated",
    fails: (of) => of.record.rotatedAt !== undefined && isExpired(of),
  },
  { number: 7, why: "expired", fails: (of) => isExpired(of) },
  { number: 8, why: "revoked", fails: ({ record }) => record.revokedAt !== undefined },
  {
    number: 8,
    why: "used_up",
    fails: ({ record, inquiry }) => record.usedAt !== undefined && inquiry.usedToo !== true,
  },
  {
    number: 9,
    why: "audience",
    fails: ({ record: { audiences }, inquiry }) =>
      audiences.length > 0 && !audiences.includes(inquiry.audience),
  },
  {
    number: 10,
    why: "mismatch",
    fails: ({ record, inquiry: { targetSubject } }) =>
      targetSubject !== undefined && targetSubject !== identityOf(record.subject),
  },
  { number: 11, why: "subject_gone", fails: ({ record }) => record.subject.deleted },
  {
    number: 12,
    why: "generation",
    fails: ({ record }) => record.generation !== record.subject.generation,
  },
  {
    number: 13,
    why: "realm_gone",
    fails: ({ record, snapshot }) => !snapshot.realms.isDefined(record.subject.realm),
  },
  { number: 14, why: "state", fails: (of) => useOf(of) === "none" },
  {
    number: 14,
    why: "epoch",
    fails: ({ record }) => record.kind === "session" && record.epoch !== record.subject.epoch,
  },
  {
    number: 15,
    why: "lacks",
    fails: ({ record, snapshot, inquiry: { wantPermission } }) =>
      wantPermission !== undefined && !holdsPermission(record, wantPermission, snapshot),
  },
];

/** Judges a credential of which the bearer has shown the secret. */
export function judge(record: CredentialRecord, question: Question): Verdict {
  const of: Case = { ...question, record };
  const failed = checks.find(({ fails }) => fails(of));
  // A used one passes the check of it only for the sake of who judges that; whatever else is wrong comes after it.
  const why = isUsed(of) && (failed?.number ?? 0) > 8 ? "used_up" : failed?.why;
  const { wantPermission } = question.inquiry;
  switch (why) {
    case undefined:
      return { kind: "good", record, use: useOf(of) === "all" ? "all" : "report" };
    case "mismatch":
      return { kind: "mismatch", record };
    case "lacks":
      return { kind: "lacks", record, permission: wantPermission ?? "" };
    case "expired":
      return isOver(of) ? stop(record, "expired") : refuse(record, "expired");
    case "realm_gone":
    case "state":
      return record.kind === "task" ? stop(record, why) : refuse(record, why);
    default:
      return refuse(record, why);
  }
}

/**
 * Whether a verdict would be better if somebody held the task, or held it for longer, than the record says: holds are added and
 * renewed without a word to replicas.
 */
export function restsOnLease({ subject }: CredentialRecord, now: number): boolean {
  if (subject.kind !== "task" || finalTaskStates.has(subject.state)) return false;
  return now >= subject.heldUntil && now < subject.deadline;
}

// One that was rotated a moment ago is let in by who judges that by itself, also after its grace: the answer may have been lost.
function isExpired({ record, now, inquiry }: Case): boolean {
  if (now < record.expiresAt) return false;
  const { rotatedAt } = record;
  if (rotatedAt === undefined || inquiry.usedToo !== true) return true;
  return now >= rotatedAt + (inquiry.lostAnswerMs ?? lostAnswerMs);
}

// The token of a task whose time is over, and nothing else is wrong with it: its bearer is to stop.
function isOver(of: Case): boolean {
  const { subject } = of.record;
  if (of.record.kind !== "task" || subject.kind !== "task") return false;
  if (taskUseAt(subject, of.now) !== "none") return false;
  const after = checks.slice(checks.findIndex(({ why }) => why === "expired") + 1);
  const next = after.find(({ fails }) => fails(of))?.why;
  return next === "state" || next === "realm_gone";
}

function refuse(record: CredentialRecord, why: Refusal): Verdict {
  return { kind: "refused", why, record };
}

function stop(record: CredentialRecord, why: Refusal): Verdict {
  return { kind: "not_active", why, record };
}

/** What a credential is good for in the state of its subject, given what is wanted of it. */
function useOf(of: Case): "all" | "report" | "none" {
  const { kind, subject } = of.record;
  // A credential of one kind of subject that is bound to another one is good for nothing.
  if (subject.kind === "runner") return kind === "runner" || kind === "enroll" ? "all" : "none";
  if (subject.kind === "bot") {
    const use = botUses[kind];
    if (use === undefined) return "none";
    // That somebody has a copy must be heard of whatever the state of the bot is, or their session would outlive it.
    if (isUsed(of)) return "all";
    const { runnerState, instanceState } = subject;
    return botPermits(use, runnerState, instanceState) ? "all" : "none";
  }
  return kind === "task" ? taskUseFor(subject, of) : "none";
}

// Whether it was used, and is judged all the same.
function isUsed({ record, inquiry }: Case): boolean {
  return record.usedAt !== undefined && inquiry.usedToo === true;
}

function taskUseFor(task: TaskSubject, of: Question): "all" | "report" | "none" {
  const { now, knownUntil } = of;
  const { wantPermission } = of.inquiry;
  const heldUntil =
    knownUntil !== undefined && task.heldUntil > knownUntil ? Infinity : task.heldUntil;
  const use = taskUseAt({ ...task, heldUntil }, now);
  if (use !== "report" || wantPermission === reportPermission) return use;
  // It is told of as long as it is on its way to its end; what it may do is said with it.
  const isStopping = task.state === "canceling" && now < task.deadline && now < heldUntil;
  return isStopping && wantPermission === undefined ? "report" : "none";
}
