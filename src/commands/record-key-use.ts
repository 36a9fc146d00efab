import { recordKeyUse } from "../storage/api-key-use.ts";
import type { Storage } from "../storage/database.ts";

/** Remembers when keys were used and tells storage now and then, never while a request waits. */
export interface KeyUseRecorder {
  /** Notes a use, in memory only. */
  readonly record: (keyId: string, at: Date) => void;
  /** Writes what was noted. Never fails: what cannot be written is noted again for the next time. */
  flush(): Promise<void>;
  /** Stops the clock and writes for the last time. */
  close(): Promise<void>;
}

/** Creates a recorder that writes every `intervalMs` milliseconds. */
export function createKeyUseRecorder(storage: Storage, intervalMs: number): KeyUseRecorder {
  // Bounded by the number of keys: only uses of known keys are noted.
  let uses = new Map<string, Date>();

  async function flush(): Promise<void> {
    if (uses.size === 0) return;
    const batch = uses;
    uses = new Map();
    try {
      await recordKeyUse(storage, batch);
    } catch {
      // Storage is away; the replica reports that. A newer use outdoes the one put back.
      for (const [keyId, at] of batch) if (!uses.has(keyId)) uses.set(keyId, at);
    }
  }

  const timer = setInterval(() => void flush(), intervalMs);
  timer.unref();
  return {
    record: (keyId, at) => void uses.set(keyId, at),
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}
