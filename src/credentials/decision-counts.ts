import type { ClaimRefusal } from "../domain/credential/claim-states.ts";
import { credentialKinds, type CredentialKind } from "../domain/credential/kinds.ts";
import type { CredentialRecord } from "../domain/credential/subject.ts";
import type { AssertionVerdict } from "./assertion.ts";
import type { GrantVerdict } from "./url-grant.ts";
import type { Verdict } from "./verdict.ts";

/** What we sign, and others show. */
export type SignedKind = "url" | "assertion";

/** How often one decision about what was shown was made. Each part is of a closed list. */
export interface DecisionCount {
  /** The kind of the credential; `url`: a signed URL; `assertion`: one about a caller; `unknown`: nothing was recognised in it. */
  readonly kind: CredentialKind | SignedKind | "unknown";
  /** As Connect spells the status that follows. */
  readonly code: string;
  /** Why it was not accepted; `report`: it was, for reporting alone; empty: it was. */
  readonly reason: string;
  readonly count: number;
}

/** Counts decisions. */
export interface DecisionCounter {
  readonly count: (verdict: Verdict) => void;
  /** The same for what we signed. */
  readonly countSigned: (kind: SignedKind, verdict: GrantVerdict | AssertionVerdict) => void;
  /** The same for the token of a claim. */
  readonly countPresented: (decision: "good" | ClaimRefusal) => void;
  readonly read: () => readonly DecisionCount[];
}

/** Creates a counter that has seen none. */
export function createDecisionCounter(): DecisionCounter {
  // Good ones come by the ten thousand: two numbers a kind, and nothing is looked up by text.
  const good = new Map<CredentialKind, { all: number; report: number }>(
    credentialKinds.map((kind) => [kind, { all: 0, report: 0 }]),
  );
  const others = new Map<string, DecisionCount>();
  const add = (kind: DecisionCount["kind"], code: string, reason: string): void => {
    const key = `${kind} ${code} ${reason}`;
    others.set(key, { kind, code, reason, count: (others.get(key)?.count ?? 0) + 1 });
  };
  return {
    count(verdict) {
      if (verdict.kind === "good") {
        const counts = good.get(verdict.record.kind);
        if (counts !== undefined) counts[verdict.use] += 1;
        return;
      }
      const kind = recordOf(verdict)?.kind ?? "unknown";
      const { code, reason } = outcomeOf(verdict);
      add(kind, code, reason);
    },
    countSigned(kind, verdict) {
      if (verdict.kind === "good") add(kind, "ok", "");
      else if (verdict.kind === "unknown") add(kind, codes.unavailable, reasons.unavailable);
      else add(kind, codes.refused, verdict.why);
    },
    countPresented(decision) {
      const counts = good.get("claim");
      if (decision !== "good") add("claim", codes.refused, decision);
      else if (counts !== undefined) counts.all += 1;
    },
    read: () => [
      ...[...good].flatMap(([kind, { all, report }]) => [
        { kind, code: "ok", reason: "", count: all },
        { kind, code: "ok", reason: "report", count: report },
      ]),
      ...others.values(),
    ],
  };
}

/** The record of a verdict; undefined: the secret was not right, or nobody knows. */
export function recordOf(verdict: Verdict): CredentialRecord | undefined {
  return "record" in verdict ? verdict.record : undefined;
}

/** A verdict that is not good. */
type Other = Exclude<Verdict, { readonly kind: "good" }>;

const codes: Readonly<Record<Other["kind"], string>> = {
  refused: "unauthenticated",
  not_active: "permission_denied",
  mismatch: "permission_denied",
  lacks: "permission_denied",
  unavailable: "unavailable",
  too_many: "resource_exhausted",
};

const reasons: Readonly<Record<Exclude<Other["kind"], "refused">, string>> = {
  not_active: "not_active",
  mismatch: "subject_mismatch",
  lacks: "lacks_permission",
  unavailable: "unavailable",
  too_many: "too_many",
};

/** The status that follows from a verdict that is not good, and why, each as a word of a closed list. */
export function outcomeOf(verdict: Other): { readonly code: string; readonly reason: string } {
  const reason = verdict.kind === "refused" ? verdict.why : reasons[verdict.kind];
  return { code: codes[verdict.kind], reason };
}
