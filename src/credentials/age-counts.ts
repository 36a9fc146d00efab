import { credentialKinds, type CredentialKind } from "../domain/credential/kinds.ts";
import type { CredentialRecord } from "../domain/credential/subject.ts";

/** How old the credentials of a kind were that were used, as a histogram. */
export interface AgeCounts {
  readonly kind: CredentialKind;
  /** How many were at most as old as the bound of the same place (ageBounds), and older than the one before; the last: older than all. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

const hour = 3_600;

/** The bounds of the histogram, in seconds: from the life of a boot token to that of a session. */
export const ageBounds = [
  60,
  300,
  1_500,
  hour,
  6 * hour,
  24 * hour,
  168 * hour,
  720 * hour,
] as const;

/** Counts how old credentials are when they are used. */
export interface AgeCounter {
  /** Takes a credential that was used at an instant of the database's clock. */
  readonly observe: (record: Pick<CredentialRecord, "kind" | "notBefore">, at: number) => void;
  readonly read: () => readonly AgeCounts[];
}

/** Creates a counter that has seen none. */
export function createAgeCounter(): AgeCounter {
  const ages = new Map(
    credentialKinds.map((kind) => {
      const counts = Array.from({ length: ageBounds.length + 1 }, () => 0);
      return [kind, { kind, counts, sumSeconds: 0 }];
    }),
  );
  return {
    observe({ kind, notBefore }, at) {
      const age = ages.get(kind);
      if (age === undefined) return;
      const seconds = Math.max(0, at - notBefore) / 1000;
      const found = ageBounds.findIndex((bound) => seconds <= bound);
      const place = found === -1 ? ageBounds.length : found;
      age.counts[place] = (age.counts[place] ?? 0) + 1;
      age.sumSeconds += seconds;
    },
    read: () => [...ages.values()],
  };
}
