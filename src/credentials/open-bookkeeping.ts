import { appendAudit, type AuditActor, type NewAuditEvent } from "../storage/credential/audit.ts";
import { recordUses, type CredentialUses } from "../storage/credential/uses.ts";
import type { Storage } from "../storage/storage.ts";
import type { CredentialRecord } from "../domain/credential/subject.ts";
import { createAgeCounter } from "./age-counts.ts";
import type { Bookkeeping } from "./bookkeeping.ts";
import { createDecisionCounter } from "./decision-counts.ts";
import {
  assertionDenialEvent,
  createDenialCounts,
  denialEvent,
  maxDenials,
  grantDenialEvent,
} from "./denial-counts.ts";
import { createManagerContacts } from "./manager-contacts.ts";
import { createRunnerCounter } from "./runner-counts.ts";

/** How often a credential's use, and a denial, is written at most, in milliseconds. */
const writeIntervalMs = 60_000;

/** How often uses are looked at that were not written for so long: a first use is in the audit after at most this, in milliseconds. */
const tickMs = 5_000;

/** How many audit events one statement writes. */
const eventsAtOnce = 500;

/** How bookkeeping is kept. */
export interface BookkeepingOptions {
  /** Milliseconds on a clock that does not jump. */
  readonly now?: () => number;
  /** Milliseconds between two looks; 0: only when told to. */
  readonly everyMs?: number;
  /** Told when somebody shows a rotated token after its grace. */
  readonly onStaleReuse?: (event: NewAuditEvent) => void;
}

/** Opens the bookkeeping of a process. It ends by `close`. */
export function openBookkeeping(
  storage: Storage,
  { now = () => performance.now(), everyMs = tickMs, onStaleReuse }: BookkeepingOptions = {},
): Bookkeeping {
  const counter = createDecisionCounter();
  const ages = createAgeCounter();
  const denials = createDenialCounts();
  const runners = createRunnerCounter();
  const contacts = createManagerContacts(storage, now);
  // Bounded by the credentials that are good: only uses of these are noted.
  const pending = new Map<string, PendingUses>();
  // When the uses of the last minute were written.
  const writtenAt = new Map<string, number>();
  const raised = new Set<string>();
  let denialsWrittenAt = now();
  let writing: Promise<void> = Promise.resolve();

  async function writeUses(all: boolean): Promise<void> {
    for (const [id, at] of writtenAt) if (now() - at >= writeIntervalMs) writtenAt.delete(id);
    const due = [...pending].filter(([id]) => all || !writtenAt.has(id));
    if (due.length === 0) return;
    for (const [id] of due) pending.delete(id);
    try {
      await recordUses(storage, due);
      for (const [id, { record, lastAt }] of due) {
        writtenAt.set(id, now());
        ages.observe(record, lastAt);
      }
    } catch {
      // Storage is away; others report that. Of what is put back the first use stays the first.
      for (const [id, uses] of due) {
        const newer = pending.get(id);
        pending.set(id, newer === undefined ? uses : { ...uses, lastAt: newer.lastAt });
      }
    }
  }

  // Once for each credential and source until denials are written: in the log as often as in the audit.
  function raise(event: NewAuditEvent): void {
    const key = JSON.stringify([event.credentialId, event.actor]);
    if (raised.has(key) || raised.size >= maxDenials) return;
    raised.add(key);
    onStaleReuse?.(event);
  }

  async function writeDenials(): Promise<void> {
    raised.clear();
    const events = denials.take();
    denialsWrittenAt = now();
    for (let from = 0; from < events.length; from += eventsAtOnce) {
      try {
        await appendAudit(storage.db, events.slice(from, from + eventsAtOnce));
      } catch {
        for (const event of events.slice(from)) denials.add(event);
        return;
      }
    }
  }

  // One after another: two writes of one process would only wait for each other's rows.
  function write(all: boolean): Promise<void> {
    writing = writing.then(async () => {
      await writeUses(all);
      await contacts.write(all);
      if (all || now() - denialsWrittenAt >= writeIntervalMs) await writeDenials();
    });
    return writing;
  }

  const timer = everyMs > 0 ? setInterval(() => void write(false), everyMs) : undefined;
  timer?.unref();
  return {
    used(verdict, at, by) {
      counter.count(verdict);
      const { record } = verdict;
      const { id } = record;
      const uses = pending.get(id);
      if (uses !== undefined) uses.lastAt = at;
      else pending.set(id, { record, firstAt: at, lastAt: at, firstBy: actorOf(by) });
    },
    denied(denial) {
      counter.count(denial.verdict);
      const event = denialEvent(denial);
      if (event === undefined) return;
      if (event.event === "stale_token_reuse") raise(event);
      denials.add(event);
    },
    verified(verdict, by) {
      counter.countSigned("url", verdict);
      const event = grantDenialEvent(verdict, by);
      if (event !== undefined) denials.add(event);
    },
    asserted(verdict, by) {
      counter.countSigned("assertion", verdict);
      const event = assertionDenialEvent(verdict, by);
      if (event !== undefined) denials.add(event);
    },
    presented(decision, events) {
      counter.countPresented(decision);
      for (const event of events) denials.add(event);
    },
    decisions: counter.read,
    ages: ages.read,
    heard: contacts.heard,
    runners,
    flush: () => write(true),
    close: async () => {
      clearInterval(timer);
      await write(true);
    },
  };
}

/** The uses that were not written yet. */
interface PendingUses extends CredentialUses {
  readonly record: CredentialRecord;
  lastAt: number;
}

// What is kept for a minute is no more of a caller than is written.
function actorOf({ caller, source, requestId }: AuditActor): AuditActor {
  return { caller, source, requestId };
}
