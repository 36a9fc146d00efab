import { setTimeout } from "node:timers/promises";
import type { CredentialDeps } from "../../credentials/deps.ts";
import type { ClaimSummary } from "../../storage/credential/claims.ts";
import { readChangedClaims } from "../../storage/credential/read-claims.ts";
import { retrying } from "../../storage/transaction.ts";
import { settleClaims } from "./end-claim.ts";

/** Follows claims for those who watch them, in one statement for all that are watched in a process. */
export interface ClaimBoard {
  /** Follows claims from what is known of them on; `ring` is called when there is something to take. */
  readonly watch: (known: readonly ClaimSummary[], ring: () => void) => ClaimWatch;
}

/** What one watcher has of the board. */
export interface ClaimWatch {
  /** The claims that have changed since the last time, each as it is now. */
  readonly take: () => readonly ClaimSummary[];
  /** Whether the database told a moment ago how they are. */
  readonly isFollowed: () => boolean;
  readonly close: () => void;
}

/** How a board works. */
export interface BoardOptions {
  /** Milliseconds between two looks; 0: only when it is nudged. */
  readonly everyMs?: number;
  /** Milliseconds on a clock that does not jump. */
  readonly now?: () => number;
  /** Waits between two looks, however often it is nudged; 50 ms unless set. */
  readonly rest?: () => Promise<void>;
}

/** How long what the database told is true enough to be told again, in milliseconds. */
const followedMs = 5_000;

/** In a busy fleet claims change all the time, and each replica hears of each: none asks more than 20 times a second. */
const restMs = 50;

interface Watcher {
  readonly news: Map<string, ClaimSummary>;
  readonly ring: () => void;
}

interface Entry {
  version: bigint;
  readonly watchers: Set<Watcher>;
}

/**
 * Creates a board that nobody watches: then it asks for nothing. Else it looks each second, and when it hears that claims have changed. While
 * the database is away it says nothing, and goes on afterwards.
 */
export function createClaimBoard(
  deps: Pick<CredentialDeps, "storage" | "claims">,
  { everyMs = 1_000, now = () => performance.now(), rest = usualRest }: BoardOptions = {},
): ClaimBoard {
  const entries = new Map<string, Entry>();
  let followedAt = -Infinity;
  let isFollowing = false;
  let isNudged = false;
  let timer: NodeJS.Timeout | undefined;
  let stopListening: (() => void) | undefined;

  async function look(): Promise<void> {
    const known = [...entries].map(([uid, { version }]) => ({ uid, version }));
    if (known.length === 0) return;
    try {
      const changed = await retrying(() => readChangedClaims(deps.storage.db, known));
      for (const claim of await settleClaims(deps, changed)) tell(claim);
      followedAt = now();
      deps.claims?.followed({});
    } catch (error) {
      deps.claims?.followed({ error });
    }
  }

  function tell(claim: ClaimSummary): void {
    const entry = entries.get(claim.uid);
    if (entry === undefined || claim.version <= entry.version) return;
    entry.version = claim.version;
    for (const watcher of entry.watchers) {
      watcher.news.set(claim.uid, claim);
      watcher.ring();
    }
  }

  function nudge(): void {
    isNudged = true;
    if (!isFollowing) void follow();
  }

  // One look after another: what came to pass during a look, or the rest after it, is seen by the next one. Never rejects.
  async function follow(): Promise<void> {
    isFollowing = true;
    while (isNudged) {
      isNudged = false;
      await look();
      await rest();
    }
    isFollowing = false;
  }

  function begin(): void {
    stopListening ??= deps.claims?.listen(nudge);
    if (everyMs > 0) timer ??= setInterval(nudge, everyMs).unref();
  }

  function end(): void {
    if (entries.size > 0) return;
    clearInterval(timer);
    stopListening?.();
    [timer, stopListening] = [undefined, undefined];
  }

  return {
    watch(known, ring) {
      const watcher: Watcher = { news: new Map(), ring };
      for (const { uid, version } of known) {
        const entry = entries.get(uid) ?? { version, watchers: new Set() };
        // What another one was told already, this one knows or will be told.
        if (version < entry.version) entry.version = version;
        entry.watchers.add(watcher);
        entries.set(uid, entry);
      }
      begin();
      // What has changed since it was read.
      nudge();
      return {
        take() {
          const news = [...watcher.news.values()];
          watcher.news.clear();
          return news;
        },
        isFollowed: () => now() - followedAt <= followedMs,
        close() {
          for (const { uid } of known) {
            const entry = entries.get(uid);
            entry?.watchers.delete(watcher);
            if (entry?.watchers.size === 0) entries.delete(uid);
          }
          end();
        },
      };
    },
  };
}

function usualRest(): Promise<void> {
  return setTimeout(restMs, undefined, { ref: false });
}
