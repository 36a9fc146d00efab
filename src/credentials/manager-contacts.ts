import { recordContacts, type ContactToRecord } from "../storage/credential/record-contacts.ts";
import type { Storage } from "../storage/storage.ts";

/** A heartbeat of a manager. */
export type ManagerContact = ContactToRecord;

/** How often what was heard of one manager is written at most, in milliseconds. */
const writeIntervalMs = 60_000;

/** Keeps in memory what was heard of managers, and writes it about once a minute each. */
export interface ManagerContacts {
  readonly heard: (contact: ManagerContact) => void;
  /** Writes what is due; or all. Never rejects: what cannot be written is kept for the next time. */
  readonly write: (all: boolean) => Promise<void>;
}

/** Begins with nothing heard. `now` is a clock that does not jump, in milliseconds. */
export function createManagerContacts(storage: Storage, now: () => number): ManagerContacts {
  // By the tokens by which they were heard, since who has the name of a manager may be another one since. Bounded by those that are good.
  const pending = new Map<string, ManagerContact>();
  // When what was heard within the last minute was written.
  const writtenAt = new Map<string, number>();

  function put(contact: ManagerContact): void {
    const key = contact.credentialId;
    const before = pending.get(key);
    pending.set(key, before === undefined ? contact : merge(before, contact));
  }

  return {
    heard: put,
    async write(all) {
      for (const [key, at] of writtenAt) if (now() - at >= writeIntervalMs) writtenAt.delete(key);
      const due = [...pending].filter(([key]) => all || !writtenAt.has(key));
      if (due.length === 0) return;
      for (const [key] of due) pending.delete(key);
      try {
        const left = await recordContacts(
          storage,
          due.map(([, contact]) => contact),
        );
        for (const [key] of due) writtenAt.set(key, now());
        // Another replica was a moment faster: what it did not know waits for the next turn.
        const again = new Set(left.map(nameOf));
        for (const [key, contact] of due) if (again.has(nameOf(contact))) putBack(key, contact);
      } catch {
        // Storage is away; others report that.
        for (const [key, contact] of due) putBack(key, contact);
      }
    },
  };

  function putBack(key: string, contact: ManagerContact): void {
    const newer = pending.get(key);
    pending.set(key, newer === undefined ? contact : merge(contact, newer));
  }
}

function nameOf({ runnerUid, systemId }: Pick<ManagerContact, "runnerUid" | "systemId">): string {
  return `${runnerUid} ${systemId}`;
}

// What was said once is not lost by a later heartbeat that does not say it.
function merge(before: ManagerContact, { info, ready, ...later }: ManagerContact): ManagerContact {
  return {
    ...later,
    ready: before.ready || ready,
    info: info === undefined ? before.info : { ...before.info, ...info },
  };
}
