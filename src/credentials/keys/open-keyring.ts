import { createSingleFlight } from "../../replica/single-flight.ts";
import {
  activateFirstKey,
  forgetKeyHolder,
  readSigningKeys,
  recordKeyHolder,
} from "../../storage/credential/signing-keys.ts";
import { translateStorageError } from "../../storage/errors.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Keyring } from "../keyring.ts";
import { keyName, keyPurposes, type HeldKeys, type KeyName } from "./held-key.ts";
import {
  createHeldKeyring,
  type HeldKeyring,
  type KeyState,
  type KeyStates,
} from "./held-keyring.ts";
import type { KeyRoom } from "./key-room.ts";
import type { KeyReading } from "./read-key-directory.ts";

/** What following keys brings about. None of these may throw. */
export interface KeyringEvents {
  /** Files changed what this replica holds: the names of keys. */
  readonly onHeld?: (change: {
    readonly added: readonly KeyName[];
    readonly changed: readonly KeyName[];
    readonly removed: readonly KeyName[];
  }) => void;
  /** Something is wrong with the files; told once until it is something else. None: it is over. */
  readonly onProblems?: (problems: readonly string[]) => void;
  /** The database does not say which keys are used; what it last said goes on. Told once until `onRecovery`. */
  readonly onFailure?: (error: unknown) => void;
  readonly onRecovery?: () => void;
}

/** What a keyring is made of. */
export interface KeyringOptions {
  /** Names this process in the table of replicas: a UUID. */
  readonly replicaId: string;
  readonly keys: HeldKeys;
  /** Reads the keys again; undefined: they do not change while the process runs. */
  readonly readAgain?: ((before: HeldKeys) => Promise<KeyReading>) | undefined;
  readonly events?: KeyringEvents;
  /** How often files and states are looked at, in milliseconds; 0: only when told to. */
  readonly everyMs?: number;
}

/** A keyring that follows its files and the database. */
export interface OpenKeyring extends KeyRoom {
  readonly keyring: Keyring;
  /** Looks at the files, then at the database, once. Never rejects. */
  readonly look: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How often files and states are looked at, in milliseconds. */
const usualMs = 2_000;

/** How often a replica says what it holds, in milliseconds, when that does not change. */
const announceMs = 30_000;

/** How soon after one the next look follows that a key brings about which nobody knows, in milliseconds. */
const unknownMs = 1_000;

/** Opens a keyring: asks the database once, which may be down, and goes on every 2 seconds. Never rejects. */
export async function openKeyring(storage: Storage, options: KeyringOptions): Promise<OpenKeyring> {
  const { replicaId, readAgain, events = {}, everyMs = usualMs } = options;
  let announcedAt = -Infinity;
  let announced: HeldKeys | undefined;
  let followedAt = -Infinity;
  let isLost = false;
  let problemText = "";
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const ring = createHeldKeyring(() => {
    if (performance.now() - followedAt >= unknownMs) void refresh();
  });
  ring.hold(options.keys);

  async function announce(): Promise<void> {
    const held = ring.held();
    await storage.quick((db) => recordKeyHolder(db, replicaId, [...held.keys()]));
    [announced, announcedAt] = [held, performance.now()];
  }

  async function follow(): Promise<void> {
    followedAt = performance.now();
    try {
      // What is used comes first: it can be read also where nothing can be written now.
      ring.follow(await readStates(storage));
      if (announced !== ring.held() || followedAt - announcedAt >= announceMs) await announce();
      const firsts = firstKeys(ring);
      for (const [purpose, id] of firsts) {
        await storage.quick((db) => activateFirstKey(db, purpose, id));
      }
      if (firsts.length > 0) ring.follow(await readStates(storage));
      if (isLost) events.onRecovery?.();
      isLost = false;
    } catch (error) {
      if (!isLost && !closed) events.onFailure?.(error);
      isLost = true;
    }
  }
  const flight = createSingleFlight(follow);
  const refresh = (): Promise<void> => (closed ? Promise.resolve() : flight.run());

  async function lookAtFiles(): Promise<void> {
    if (readAgain === undefined) return;
    const before = ring.held();
    const { keys, problems } = await readAgain(before);
    const text = problems.join("\n");
    if (text !== problemText) events.onProblems?.(problems);
    problemText = text;
    const change = changeOf(before, keys);
    if (Object.values(change).every((names) => names.length === 0)) return;
    ring.hold(keys);
    events.onHeld?.(change);
  }

  async function look(): Promise<void> {
    await lookAtFiles();
    await refresh();
  }

  function schedule(): void {
    if (closed || everyMs === 0) return;
    timer = setTimeout(() => {
      void look().finally(schedule);
    }, everyMs);
    timer.unref();
  }

  await refresh();
  schedule();
  return {
    keyring: ring,
    held: ring.held,
    isFollowed: () => ring.states() !== undefined,
    announce: () =>
      announce().catch((error: unknown) => {
        throw translateStorageError(error);
      }),
    ...{ refresh, look },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await flight.settled();
      // It is forgotten by itself later if that does not work.
      await storage.quick((db) => forgetKeyHolder(db, replicaId)).catch(() => undefined);
    },
  };
}

async function readStates(storage: Storage): Promise<KeyStates> {
  const rows = await storage.quick((db) => readSigningKeys(db));
  return new Map(
    rows.map(({ purpose, id, state }) => [`${purpose}/${id}` as KeyName, state as KeyState]),
  );
}

// Of each purpose of which the database knows no key, the first that is held.
function firstKeys(ring: HeldKeyring): readonly (readonly [purpose: string, id: string])[] {
  const known = new Set([...(ring.states() ?? new Map<KeyName, KeyState>()).keys()].map(purposeIn));
  return keyPurposes.flatMap((purpose) => {
    if (known.has(purpose)) return [];
    const ids = [...ring.held().values()].filter((key) => key.purpose === purpose);
    const [first] = ids.map(({ id }) => id).sort();
    return first === undefined ? [] : [[purpose, first] as const];
  });
}

function purposeIn(name: KeyName): string {
  return name.slice(0, name.indexOf("/"));
}

function changeOf(
  before: HeldKeys,
  after: HeldKeys,
): { readonly added: KeyName[]; readonly changed: KeyName[]; readonly removed: KeyName[] } {
  const kept = [...after.values()].filter((key) => before.has(keyName(key)));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    changed: kept
      .filter((key) => before.get(keyName(key))?.secret.equals(key.secret) !== true)
      .map(keyName),
    removed: [...before.keys()].filter((name) => !after.has(name)),
  };
}
