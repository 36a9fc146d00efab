import type { HeldKeys } from "./held-key.ts";

/** What whoever rotates keys wants of this replica. */
export interface KeyRoom {
  /** The keys that it holds. */
  readonly held: () => HeldKeys;
  /** Whether it ever heard from the database which keys are used. */
  readonly isFollowed: () => boolean;
  /** Says to the database what this replica holds now. Throws a DomainError. */
  readonly announce: () => Promise<void>;
  /** Asks the database which keys are used: when it resolves, what was committed before the call is in force here. Never rejects. */
  readonly refresh: () => Promise<void>;
}
