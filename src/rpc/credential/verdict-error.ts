import { shownRefused } from "../../commands/credential/shown-refused.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { taskStateAt } from "../../domain/credential/gates.ts";
import { taskNotActive } from "../../domain/credential/task-not-active.ts";
import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";

/** What a peer is told whose request shows a token that is not accepted, at `now` of the database's clock. */
export function verdictError(
  verdict: Exclude<Verdict, { readonly kind: "good" }>,
  now: number,
): DomainError {
  switch (verdict.kind) {
    case "unavailable": {
      const { cause } = verdict;
      return new DomainError("STORAGE_UNAVAILABLE", "the token cannot be checked", {}, { cause });
    }
    case "too_many":
      return expected("TOO_MANY_ATTEMPTS", "too many unknown credentials from here");
    case "not_active": {
      const { subject } = verdict.record;
      return subject.kind === "task"
        ? taskNotActive(taskStateAt(subject, now))
        : shownRefused(verdict.why);
    }
    case "mismatch":
      return expected("SUBJECT_MISMATCH", "the credential is another subject's");
    case "lacks": {
      const { permission } = verdict;
      const message = `the credential is not good for ${permission}`;
      return expected("CREDENTIAL_LACKS_PERMISSION", message, { permission });
    }
    case "refused":
    default:
      return shownRefused(verdict.why);
  }
}

// Whoever has something to show can bring these about.
function expected(
  reason: DomainError["reason"],
  message: string,
  metadata: Readonly<Record<string, string>> = {},
): DomainError {
  return withoutStack(() => new DomainError(reason, message, metadata));
}
