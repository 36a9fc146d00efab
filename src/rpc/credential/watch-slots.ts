import { DomainError } from "../../domain/errors.ts";

/** How many streams may watch something at once. */
export interface WatchLimits {
  readonly ofPeer: number;
  readonly inAll: number;
  /** How many things all streams together may watch, as each is kept in memory. */
  readonly things: number;
}

/** The most streams of a kind that a process has: of one peer, which leaves room for many others, and in all. */
export const maxWatches: WatchLimits = { ofPeer: 16, inAll: 1_000, things: 100_000 };

/** What is watched, and how the limit is named in errors. */
const kinds = { revocations: "watches", claims: "claim_watches" } as const;

/**
 * Takes the place of one stream of a peer, which watches so many things (one, unless said), and returns what gives it back. Fails with
 * LIMIT_EXCEEDED (`watches`, `claim_watches`).
 */
export type TakeSlot = (peer: string, things?: number) => () => void;

/** Creates the places of a process. */
export function createWatchSlots(
  { ofPeer, inAll, things: most }: WatchLimits = maxWatches,
  what: keyof typeof kinds = "revocations",
): TakeSlot {
  const taken = new Map<string, number>();
  let [all, watched] = [0, 0];
  return (peer, things = 1) => {
    const before = taken.get(peer) ?? 0;
    if (before >= ofPeer) throw tooMany(`${ofPeer} streams of this peer watch ${what} already`);
    if (all >= inAll) throw tooMany(`${inAll} streams watch ${what} already`);
    if (watched + things > most)
      throw tooMany(`of ${most} ${what} that may be watched, ${watched} are`);
    taken.set(peer, before + 1);
    all += 1;
    watched += things;
    return () => {
      all -= 1;
      watched -= things;
      const left = (taken.get(peer) ?? 0) - 1;
      if (left > 0) taken.set(peer, left);
      else taken.delete(peer);
    };
  };

  function tooMany(message: string): DomainError {
    return new DomainError("LIMIT_EXCEEDED", message, { limit: kinds[what] });
  }
}
