import type { CredentialArea } from "../../credentials/area.ts";
import { readAssertion, type Assertion } from "../../credentials/assertion.ts";
import type { Identity } from "../../domain/identity.ts";

/** Reads an assertion about a caller that a peer shows; undefined: it proves nothing. Throws as readAssertion does. */
export type Prove = (assertion: string) => Assertion | undefined;

/**
 * Creates the reader for one call: a batch most often shows the same assertion again and again. Nothing of it outlives the
 * call, so that expiry and what happened since are judged at each.
 */
export function createProver({ keyring, identifier }: CredentialArea, peer: Identity): Prove {
  let last: { readonly text: string; readonly found: Assertion | undefined } | undefined;
  return (text) => {
    if (last?.text === text) return last.found;
    const found = readAssertion(keyring, identifier, text, peer, identifier.databaseNow());
    last = { text, found };
    return found;
  };
}
