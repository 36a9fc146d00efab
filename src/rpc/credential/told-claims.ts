import type { ClaimSummary } from "../../storage/credential/claims.ts";

/** After how many milliseconds a claim that has not changed is told again. */
export const toldAgainMs = 30_000;

/** What one stream has told of its claims, and what it is to tell. */
export interface ToldClaims {
  /** All claims as they are known now. */
  readonly all: () => Iterable<ClaimSummary>;
  /** Some have changed. An older version than the one that is known is passed over. */
  readonly note: (changed: readonly ClaimSummary[]) => void;
  /** What is to be told now: what was not told yet, and, if that is known for sure, what was told long ago. It counts as told. */
  readonly due: (isSure: boolean) => readonly ClaimSummary[];
  /** Whether all are in a terminal state, and that was told. */
  readonly isOver: () => boolean;
}

/** Creates what has told nothing. `now` is a clock that does not jump, in milliseconds. */
export function createToldClaims(claims: readonly ClaimSummary[], now: () => number): ToldClaims {
  const known = new Map(claims.map((claim) => [claim.uid, claim]));
  const told = new Map<string, { readonly version: bigint; readonly at: number }>();
  const isNews = ({ uid, version }: ClaimSummary) => told.get(uid)?.version !== version;
  const isLongAgo = ({ uid }: ClaimSummary) =>
    now() - (told.get(uid)?.at ?? -Infinity) >= toldAgainMs;
  return {
    all: () => known.values(),
    note(changed) {
      for (const claim of changed) {
        const before = known.get(claim.uid);
        if (before !== undefined && before.version < claim.version) known.set(claim.uid, claim);
      }
    },
    due(isSure) {
      const due = [...known.values()].filter(
        (claim) => isNews(claim) || (isSure && isLongAgo(claim)),
      );
      for (const { uid, version } of due) told.set(uid, { version, at: now() });
      return due;
    },
    isOver: () => {
      for (const claim of known.values()) {
        if (claim.state === "pending" || isNews(claim)) return false;
      }
      return true;
    },
  };
}
