import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { credential } from "fleetgate/client";

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
}

/** The entries of a folder. */
export interface Entries {
  /** The entry; undefined: there is none. */
  readonly get: (id: string) => Entry | undefined;
  readonly reserve: (entry: Omit<Entry, "id" | "reservedAt">) => Entry | undefined;
  /** Makes the archive that was uploaded findable, in place of older ones of the same key, version and place. */
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

/** Opens the entries of a folder: what was committed there before is found again. */
export function openEntries(folder: string): Entries {
  const entries = new Map<string, Entry>();
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".json")) continue;
    const entry = JSON.parse(readFileSync(join(folder, name), "utf8")) as Entry;
    entries.set(entry.id, entry);
  }
  const archive = (id: string): string => join(folder, `${id}.archive`);

  function remove({ id }: Entry): void {
    entries.delete(id);
    rmSync(join(folder, `${id}.json`), { force: true });
    rmSync(archive(id), { force: true });
  }

  function reserve(wanted: Omit<Entry, "id" | "reservedAt">): Entry | undefined {
    const now = Date.now();
    const open = [...entries.values()].filter(({ size }) => size === undefined);
    for (const old of open.filter(({ reservedAt }) => now - reservedAt > reservationMs))
      remove(old);
    const own = open.filter(({ taskUid }) => taskUid === wanted.taskUid);
    // A repetition gets the same reservation.
    const same = own.find(({ key, version }) => key === wanted.key && version === wanted.version);
    if (same !== undefined) return same;
    if (own.length >= maxReservations) return undefined;
    const entry = { ...wanted, id: randomUUID(), reservedAt: now };
    entries.set(entry.id, entry);
    return entry;
  }

  function commit(entry: Entry, size: number): void {
    const committed = { ...entry, size };
    const isReplaced = (older: Entry): boolean =>
      older.id !== entry.id &&
      older.size !== undefined &&
      older.key === entry.key &&
      older.version === entry.version &&
      isIn(older, { ...entry, taskId: "" });
    const replaced = [...entries.values()].filter(isReplaced);
    const file = join(folder, `${entry.id}.json`);
    writeFileSync(`${file}.new`, JSON.stringify(committed), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    // Taken out and put in: the newest is the last.
    entries.delete(entry.id);
    entries.set(entry.id, committed);
    for (const older of replaced) remove(older);
  }

  function find(
    keys: readonly string[],
    version: string,
    places: readonly Place[],
  ): Entry | undefined {
    const readable = [...entries.values()].filter(
      (entry) =>
        entry.size !== undefined &&
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
