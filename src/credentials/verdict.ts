import type { CredentialRecord } from "../domain/credential/subject.ts";

/** Why a credential is not accepted: for the audit, the metrics and the log only, never for an answer. */
export const refusals = [
  "several",
  "malformed",
  "wrong_kind",
  "unknown",
  "wrong_secret",
  "not_yet_valid",
  "expired",
  "rotated",
  "revoked",
  "used_up",
  "audience",
  "subject_gone",
  "generation",
  "realm_gone",
  "state",
  "epoch",
  "forbidden_realm",
] as const;

/** Why a credential is not accepted. */
export type Refusal = (typeof refusals)[number];

/** What a credential that was shown comes to. */
export type Verdict =
  /** It is good; a task's may be good for reporting alone. */
  | { readonly kind: "good"; readonly record: CredentialRecord; readonly use: "all" | "report" }
  /** It is not accepted: UNAUTHENTICATED, the same for every `why`. The record is known when the secret was right. */
  | {
      readonly kind: "refused";
      readonly why: Refusal;
      readonly record: CredentialRecord | undefined;
    }
  /** The secret was right, but its task has ended, is to stop or is held by nobody: PERMISSION_DENIED with its state. */
  | { readonly kind: "not_active"; readonly why: Refusal; readonly record: CredentialRecord }
  /** The secret was right, but it is another subject's than asked: PERMISSION_DENIED, and no state. */
  | { readonly kind: "mismatch"; readonly record: CredentialRecord }
  /** It is good, but not for the permission asked: PERMISSION_DENIED. */
  | { readonly kind: "lacks"; readonly record: CredentialRecord; readonly permission: string }
  /** Nobody can tell now: UNAVAILABLE. */
  | { readonly kind: "unavailable"; readonly cause: unknown }
  /** Too many unknown ones came from there: RESOURCE_EXHAUSTED. */
  | { readonly kind: "too_many" };
