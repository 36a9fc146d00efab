import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { credential } from "fleetgate/client";
import { urlSeconds } from "./urls.ts";

/** A place that a task may read: see Scope of Fleetgate. */
type Place = Pick<credential.Scope, "realm" | "trust" | "ref" | "taskId">;

/** What is kept about an archive. Where it belongs is from the token of the task that made it, never from its requests. */
export interface Entry {
  readonly id: string;
  readonly key: string;
  readonly version: string;
  readonly realm: string;
  readonly trust: credential.Trust;
  readonly ref: string;
  /** The task that reserved it, and its uid. */
  readonly taskId: string;
  readonly taskUid: string;
  readonly reservedAt: number;
  /** The length of the archive in bytes; absent: it is not committed. */
  readonly size?: number;
  readonly committedAt?: number;
  /** It was replaced, is found no more, and is kept until then for who has a URL to it. */
  readonly keptUntil?: number;
}

/** Milliseconds since 1970. */
export type Clock = () => number;

/** The entries of a folder. */
export interface Entries {
  /** The entry; undefined: there is none. */
  readonly get: (id: string) => Entry | undefined;
  readonly reserve: (entry: Omit<Entry, "id" | "reservedAt">) => Entry | undefined;
  /**
   * Makes the archive that was uploaded findable, in place of older ones of the same key, version and place. These can be fetched
   * for as long as a URL to them is good.
   */
  readonly commit: (entry: Entry, size: number) => void;
  /** The newest archive of the first key that hits in one of the places: of that key, or else of one that begins so. */
  readonly find: (
    keys: readonly string[],
    version: string,
    places: readonly Place[],
  ) => Entry | undefined;
  /** The file of an archive. */
  readonly archive: (id: string) => string;
}

const maxReservations = 100;
const reservationMs = 60 * 60 * 1000;

/** For how long a URL may be good that was found before a replacement: also one that was being signed then, by another clock. */
const urlMs = (urlSeconds + 60) * 1000;

/** Opens the entries of a folder: what was committed there before is found again. */
export function openEntries(folder: string, clock: Clock = Date.now): Entries {
  const stored = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Entry)
    .sort((one, other) => (one.committedAt ?? 0) - (other.committedAt ?? 0));
  const entries = new Map(stored.map((entry) => [entry.id, entry]));
  const archive = (id: string): string => join(folder, `${id}.archive`);

  function remove({ id }: Entry): void {
    entries.delete(id);
    rmSync(join(folder, `${id}.json`), { force: true });
    rmSync(archive(id), { force: true });
  }

  /** Whole or not at all, whenever the process ends. */
  function store(entry: Entry): void {
    const file = join(folder, `${entry.id}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(entry), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    entries.set(entry.id, entry);
  }

  function sweep(): void {
    const now = clock();
    for (const entry of [...entries.values()]) {
      const { size, reservedAt, keptUntil = Infinity } = entry;
      if (size === undefined ? now - reservedAt > reservationMs : now >= keptUntil) remove(entry);
    }
  }

  function reserve(wanted: Omit<Entry, "id" | "reservedAt">): Entry | undefined {
    sweep();
    const own = [...entries.values()].filter(
      ({ size, taskUid }) => size === undefined && taskUid === wanted.taskUid,
    );
    const same = own.find(({ key, version }) => key === wanted.key && version === wanted.version);
    if (same === undefined && own.length >= maxReservations) return undefined;
    // A repetition gets the same reservation, which then lasts as long as a new one.
    const entry = { ...wanted, id: same?.id ?? randomUUID(), reservedAt: clock() };
    entries.set(entry.id, entry);
    return entry;
  }

  function commit(entry: Entry, size: number): void {
    const isReplaced = (older: Entry): boolean =>
      older.id !== entry.id &&
      older.size !== undefined &&
      older.keptUntil === undefined &&
      older.key === entry.key &&
      older.version === entry.version &&
      isIn(older, { ...entry, taskId: "" });
    const replaced = [...entries.values()].filter(isReplaced);
    const now = clock();
    // Taken out and put in: the newest is the last.
    entries.delete(entry.id);
    store({ ...entry, size, committedAt: now });
    for (const older of replaced) store({ ...older, keptUntil: now + urlMs });
    sweep();
  }

  function find(
    keys: readonly string[],
    version: string,
    places: readonly Place[],
  ): Entry | undefined {
    const readable = [...entries.values()].filter(
      (entry) =>
        entry.size !== undefined &&
        entry.keptUntil === undefined &&
        entry.version === version &&
        places.some((place) => isIn(entry, place)),
    );
    for (const key of keys) {
      const hit =
        readable.findLast((entry) => entry.key === key) ??
        readable.findLast((entry) => entry.key.startsWith(key));
      if (hit !== undefined) return hit;
    }
    return undefined;
  }

  return { get: (id) => entries.get(id), reserve, commit, find, archive };
}

/** Whether an entry is in a place: realm, trust and ref are exactly the same, and the task too if the place names one. */
function isIn(entry: Entry, place: Place): boolean {
  return (
    entry.realm === place.realm &&
    entry.trust === place.trust &&
    entry.ref === place.ref &&
    (place.taskId === "" || place.taskId === entry.taskId)
  );
}
