import type { AuditActor } from "../storage/credential/audit.ts";
import type { CredentialRecord } from "../domain/credential/subject.ts";
import type { Identity } from "../domain/identity.ts";
import type { Replica } from "../replica/replica.ts";
import type { Storage } from "../storage/storage.ts";
import type { ClaimBook } from "./claim-book.ts";

/** Who calls a command of this area. */
export interface Actor extends AuditActor {
  readonly identity: Identity;
  /** The credential of a bot, a task or a runner by which the peer proved itself; undefined: by another one. */
  readonly record: CredentialRecord | undefined;
  /** What that credential is good for; a task's may be good for reporting alone. Undefined is no better than that. */
  readonly use?: "all" | "report" | undefined;
}

/** What the commands of this area work with. */
export interface CredentialDeps {
  readonly storage: Storage;
  readonly replica: Replica;
  /** Cryptographically strong random bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
  /**
   * Makes what was just committed about subjects known to this process at once, before the answer goes out; others hear of
   * it by the log of events. Never fails.
   */
  readonly makeKnown: (subjectUids: readonly string[]) => Promise<void>;
  /** As GateKeeper has it; absent: nothing is ever closed here. */
  readonly lostAnswerMs?: (() => number) | undefined;
  /** Told of what became of claims; absent: nobody counts or watches them here. */
  readonly claims?: ClaimBook | undefined;
}
