import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";

/** What may happen to subjects, credentials, keys and gates, as the audit names it. */
export const auditEvents = [
  "bot_created",
  "bot_state",
  "requeued",
  "bot_deleted",
  "issued",
  "first_used",
  "fetched",
  "fetch_returned",
  "session_opened",
  "session_taken_over",
  "session_closed",
  "resume_replayed",
  "registered",
  "hold_added",
  "released",
  "lease_expired",
  "task_state",
  "ended",
  "timed_out",
  "claimed",
  "claim_conflict",
  "claim_extended",
  "claim_ended",
  "revoked",
  "denied",
  "runner_created",
  "runner_paused",
  "runner_resumed",
  "runner_deleted",
  "enrolled",
  "manager_deleted",
  "rotated",
  "stale_token_reuse",
  "key_activated",
  "key_retired",
  "gate_acquired",
  "gate_released",
  "gate_lapsed",
  "swept",
] as const;

/** A word for what happened. */
export type AuditEventName = (typeof auditEvents)[number];

/** Who does something, and by which call. */
export interface AuditActor {
  /** The identity of the peer; empty: the server by itself. */
  readonly caller: string;
  /** The address that the call came from; empty: not known. */
  readonly source: string;
  /** The id of the call; empty: none. */
  readonly requestId: string;
}

/** Something that happened. Never a secret. */
export interface NewAuditEvent {
  readonly event: AuditEventName;
  readonly actor: AuditActor;
  readonly credentialId?: string | undefined;
  /** `bot:...`, `task:...` or `runner:...`. */
  readonly identity?: string | undefined;
  readonly realm?: string | undefined;
  /** Why, in a word. */
  readonly reason?: string | undefined;
  /** How many times; 1 unless set. */
  readonly count?: number;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}

// Each takes ten parameters, of which one statement has 65,535 at most.
const rowsAtOnce = 500;

/** Writes what happened, in the transaction in which it does (or, for denials, by itself). */
export async function appendAudit(db: Db | Tx, events: readonly NewAuditEvent[]): Promise<void> {
  for (let from = 0; from < events.length; from += rowsAtOnce) {
    await insertSome(db, events.slice(from, from + rowsAtOnce));
  }
}

/**
 * Makes sure that this transaction can write to the audit without waiting for whoever has locked it, as a migration does: fails with
 * a lock_not_available at once if not. For who holds something in the meantime that others must not wait for.
 */
export async function lockAudit(tx: Tx): Promise<void> {
  await sql`lock table credential_audit in row exclusive mode nowait`.execute(tx);
}

async function insertSome(db: Db | Tx, events: readonly NewAuditEvent[]): Promise<void> {
  await db
    .insertInto("credential_audit")
    .values(
      events.map(({ event, actor, credentialId, identity, realm, reason, count, detail }) => ({
        event,
        credential_id: credentialId ?? null,
        identity: identity ?? null,
        realm: realm ?? null,
        reason: reason ?? null,
        caller: actor.caller === "" ? null : actor.caller,
        source: actor.source === "" ? null : actor.source,
        request_id: actor.requestId === "" ? null : actor.requestId,
        count: count ?? 1,
        detail: JSON.stringify(detail ?? {}),
      })),
    )
    .execute();
}
