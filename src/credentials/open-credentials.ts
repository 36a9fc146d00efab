import { readCredentials } from "../storage/credential/read-credentials.ts";
import { claimChannel } from "../storage/credential/claims.ts";
import { credentialChannel } from "../storage/credential/events.ts";
import { gateChannel, readLiveGates } from "../storage/credential/gates.ts";
import { readEventsAfter, readShrinks } from "../storage/credential/read-events.ts";
import type { WatchEvents } from "../storage/storage.ts";
import type { CredentialArea } from "./area.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { createClaimBook, type ClaimEvents } from "./claim-book.ts";
import { createDatabaseClock } from "./database-clock.ts";
import { createIdentifier } from "./create-identifier.ts";
import { createGateKeeper, type GateEvents } from "./gate-keeper.ts";
import type { CredentialDeps } from "./deps.ts";
import type { FeedEvents } from "./feed.ts";
import type { KeyRoom } from "./keys/key-room.ts";
import type { Keyring } from "./keyring.ts";
import { rememberedMs } from "./shrink-memory.ts";

/** What opening the area takes. */
export interface CredentialOptions {
  readonly keyring: Keyring;
  /** Absent: this replica holds no keys. */
  readonly keys?: KeyRoom;
  readonly bookkeeping: Bookkeeping;
  /** For how many milliseconds records are used after the database was lost; 0: not at all. */
  readonly outageGraceMs: number;
  /** Whether the database tells of changes at once, besides being asked. */
  readonly notify: boolean;
  readonly events?: Pick<FeedEvents, "onFailure" | "onRecovery">;
  /** What a watcher of the database tells. */
  readonly watch?: Pick<WatchEvents, "onLost" | "onRestored">;
  /** Whether this process keeps nothing closed, whoever holds a gate; false unless set. */
  readonly ignoreGates?: boolean;
  readonly gateEvents?: GateEvents;
  readonly claimEvents?: ClaimEvents;
}

/** The area of a process, and what ends it. */
export interface OpenCredentials extends CredentialArea {
  /** Stops following the log. Closes neither the storage nor the keyring nor the bookkeeping. */
  readonly close: () => Promise<void>;
}

// An hour of changes may be many, and so may those of an outage: for how many milliseconds they may be on their way.
const allTimeoutMs = 10_000;

/** Opens the area: reads the log of changes for the first time, and follows it. A database that does not answer is no error. */
export async function openCredentials(
  { storage, replica, randomBytes }: Omit<CredentialDeps, "makeKnown">,
  options: CredentialOptions,
): Promise<OpenCredentials> {
  const { keyring, keys, bookkeeping, outageGraceMs, notify, events = {}, watch = {} } = options;
  const identifier = createIdentifier({
    readCredentials: (keys) => storage.quick((db) => readCredentials(db, keys)),
    log: {
      after: (position) => storage.quick((db) => readEventsAfter(db, position), allTimeoutMs),
      shrinks: () => storage.quick((db) => readShrinks(db, rememberedMs), allTimeoutMs),
    },
    keyring,
    outageGraceMs,
    now: () => performance.now(),
    wallClock: Date.now,
    events,
  });
  await identifier.start();
  // A clock of their own: the log of changes may be what a migration has locked, and then nothing else has told the time.
  const clock = createDatabaseClock(() => performance.now(), Date.now);
  const gates = createGateKeeper({
    readGates: async () => {
      const askedAt = performance.now();
      const { now, gates } = await storage.quick(readLiveGates);
      clock.observe(askedAt, performance.now(), now);
      return gates;
    },
    databaseNow: clock.now,
    random: Math.random,
    ignored: options.ignoreGates ?? false,
    events: options.gateEvents,
  });
  await gates.start();
  const claims = createClaimBook(bookkeeping, options.claimEvents);
  const heard: Readonly<Record<string, () => void>> = {
    [credentialChannel]: identifier.nudge,
    [gateChannel]: () => void gates.refresh(),
    [claimChannel]: claims.changed,
  };
  const watcher = notify
    ? storage.watch(Object.keys(heard), {
        // Without a name there may have been signals on all of them.
        onSignal: (channel) => {
          for (const [name, hear] of Object.entries(heard)) {
            if (channel === undefined || channel === name) hear();
          }
        },
        ...watch,
      })
    : undefined;
  const makeKnown = (uids: readonly string[]): Promise<void> => identifier.makeKnown(uids);
  return {
    commands: {
      ...{ storage, replica, randomBytes, makeKnown, claims },
      lostAnswerMs: gates.lostAnswerMs,
    },
    ...{ identifier, keyring, keys, bookkeeping, gates },
    close: async () => {
      await watcher?.close();
      await gates.close();
      await identifier.close();
    },
  };
}
