import type { InstanceState, RunnerState } from "./bot-states.ts";
import type { CredentialKind } from "./kinds.ts";
import type { TaskState } from "./task-states.ts";

/** Whose code a task executes: reviewed, or anybody's. */
export type Trust = "trusted" | "untrusted";

/** What every subject has. Times are milliseconds since 1970 by the clock of the database. */
interface SubjectBase {
  /** A UUID; a subject that is created anew under its id has another. */
  readonly uid: string;
  /** The value of its identity. */
  readonly id: string;
  /** `project:realm`, never empty. */
  readonly realm: string;
  /** Undefined: not said. */
  readonly pool: string | undefined;
  /** The attempt to set it up, from 1. */
  readonly generation: number;
  /** The fencing number. */
  readonly epoch: bigint;
  /** Rises with every change that replicas must hear of. */
  readonly version: bigint;
  /** Whether its id is free by now: nothing of it is accepted. */
  readonly deleted: boolean;
}

/** A bot. */
export interface BotSubject extends SubjectBase {
  readonly kind: "bot";
  readonly runnerState: RunnerState;
  readonly instanceState: InstanceState;
}

/** A task on which another one depends, as far as it decides what that may read. */
export interface Dependency {
  readonly taskId: string;
  readonly realm: string;
  readonly trust: Trust;
  /** Empty: none. */
  readonly ref: string;
}

/** A task. */
export interface TaskSubject extends SubjectBase {
  readonly kind: "task";
  readonly state: TaskState;
  /** The bot that executes it; undefined: not said. */
  readonly botId: string | undefined;
  readonly trust: Trust;
  /** Empty: none. */
  readonly ref: string;
  /** Empty: none. */
  readonly defaultRef: string;
  /** `user:...`; undefined: nobody's. */
  readonly delegatedUser: string | undefined;
  readonly dependencies: readonly Dependency[];
  readonly deadline: number;
  readonly reportUntil: number;
  /** The end of the last live hold; -Infinity: there is none. */
  readonly heldUntil: number;
}

/** A runner: what machines work for that enrolled as its managers. */
export interface RunnerSubject extends SubjectBase {
  readonly kind: "runner";
  /** Whether it is to get no work. */
  readonly paused: boolean;
}

/** Whom a credential stands for. */
export type Subject = BotSubject | TaskSubject | RunnerSubject;

/** A credential as storage holds it, with its subject. Times as of its subject. Nothing in it is a secret. */
export interface CredentialRecord {
  /** Public, safe to log. */
  readonly id: string;
  readonly kind: CredentialKind;
  readonly subject: Subject;
  /** That of the subject for which it was issued. */
  readonly generation: number;
  /** Of a session: that of the bot while it is live. */
  readonly epoch: bigint;
  /** SHA-256 of its secret, lower-case hexadecimal; undefined: it was wiped, or a forge made the token. */
  readonly secretHash: string | undefined;
  /** HMAC-SHA256 of a token that a forge made, lower-case hexadecimal; undefined: the token is ours. */
  readonly lookupHash: string | undefined;
  /** None: all. */
  readonly audiences: readonly string[];
  /** Of a task: the most that it may be used for. */
  readonly permissions: readonly string[];
  readonly notBefore: number;
  readonly expiresAt: number;
  /** Undefined: it is not. */
  readonly revokedAt: number | undefined;
  /** When it was used up, of a token that works once, or so many times; undefined: it was not. */
  readonly usedAt: number | undefined;
  /** When another one took its place, of a runner token; it goes on until its expiry. Undefined: none did. */
  readonly rotatedAt?: number | undefined;
  /** Of a runner token: the manager whose it is. */
  readonly systemId?: string | undefined;
  readonly version: bigint;
}
