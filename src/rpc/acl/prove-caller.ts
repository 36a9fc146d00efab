import type { CredentialArea } from "../../credentials/area.ts";
import {
  cannotTellAssertion,
  judgeAssertion,
  refuseAssertion,
  type Assertion,
  type AssertionVerdict,
} from "../../credentials/assertion.ts";
import type { Identity } from "../../domain/identity.ts";

/**
 * Reads an assertion that a peer shows about this caller; undefined: it proves nothing about it. Fails with STORAGE_UNAVAILABLE when
 * nobody can tell now.
 */
export type Prove = (assertion: string, caller: Identity) => Assertion | undefined;

/**
 * Creates the reader for one call: a batch most often shows the same assertion again and again. Nothing of it outlives the
 * call, so that expiry and what happened since are judged at each. The books are told once of what is shown again and again.
 */
export function createProver(
  { keyring, identifier, bookkeeping }: CredentialArea,
  peer: Identity,
  sourceOf: () => string,
): Prove {
  let last: { readonly text: string; caller: Identity; verdict: AssertionVerdict } | undefined;
  return (text, caller) => {
    if (last?.text !== text || last.caller !== caller) {
      const now = identifier.databaseNow();
      const verdict = about(caller, judgeAssertion(keyring, identifier, text, peer, now));
      last = { text, caller, verdict };
      bookkeeping.asserted(verdict, { caller: peer, source: sourceOf() });
    }
    const { verdict } = last;
    if (verdict.kind === "unknown") throw cannotTellAssertion();
    return verdict.kind === "good" ? verdict.assertion : undefined;
  };
}

// Else it was meant for another question.
function about(caller: Identity, verdict: AssertionVerdict): AssertionVerdict {
  if (verdict.kind !== "good" || verdict.assertion.caller === caller) return verdict;
  return refuseAssertion("subject_mismatch", verdict.assertion);
}
