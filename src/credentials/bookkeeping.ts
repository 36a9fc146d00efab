import type { ClaimRefusal } from "../domain/credential/claim-states.ts";
import type { AuditActor, NewAuditEvent } from "../storage/credential/audit.ts";
import type { AgeCounts } from "./age-counts.ts";
import type { AssertionVerdict } from "./assertion.ts";
import type { DecisionCount } from "./decision-counts.ts";
import type { ManagerContact } from "./manager-contacts.ts";
import type { RunnerCounter } from "./runner-counts.ts";
import type { GrantVerdict } from "./url-grant.ts";
import type { Verdict } from "./verdict.ts";

/** A verdict on a token that was shown and is not accepted. */
export interface Denial {
  readonly verdict: Exclude<Verdict, { readonly kind: "good" }>;
  /** The public id in its text; undefined: it had none. */
  readonly credentialId: string | undefined;
  readonly source: string;
  /** The service that asked; empty: the presenter is the peer. */
  readonly caller: string;
}

/**
 * Notes what is not worth a write each time, and writes it now and then. Each verdict that decides an answer is told once, by `used`, by
 * `denied`, by `verified`, by `asserted` or by `presented`, when it is final: what the metrics count is this.
 */
export interface Bookkeeping {
  /** The verdict was good; `at` is Identifier.databaseNow(), `by` who showed it, or who asked about it. */
  readonly used: (
    verdict: Extract<Verdict, { readonly kind: "good" }>,
    at: number,
    by: AuditActor,
  ) => void;
  /** It was another one. */
  readonly denied: (denial: Denial) => void;
  /** The verdict on a signed URL, and who asked about it. */
  readonly verified: (verdict: GrantVerdict, by: AuditActor) => void;
  /** The verdict on an assertion about a caller, and who showed it. */
  readonly asserted: (verdict: AssertionVerdict, by: ShownBy) => void;
  /** The decision on the token of a claim that was presented, and what the audit says of its refusal. */
  readonly presented: (decision: "good" | ClaimRefusal, events: readonly NewAuditEvent[]) => void;
  /** How often each decision was made since the start. */
  readonly decisions: () => readonly DecisionCount[];
  /** How old credentials were that were used since the start: each once whenever its uses were written, about once a minute. */
  readonly ages: () => readonly AgeCounts[];
  /** A manager said that it lives. */
  readonly heard: (contact: ManagerContact) => void;
  /** Counts what is done about managers of runners. */
  readonly runners: RunnerCounter;
  /** Writes what was noted. Never rejects: what cannot be written is kept for the next time. */
  readonly flush: () => Promise<void>;
  /** Stops its clock and writes for the last time. */
  readonly close: () => Promise<void>;
}

/** Who showed what is not told in the audit call by call. */
export type ShownBy = Pick<AuditActor, "caller" | "source">;
