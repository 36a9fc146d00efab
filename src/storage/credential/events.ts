import { sql } from "kysely";
import type { Tx } from "../storage.ts";

/** The channel on which replicas are told that there are events. */
export const credentialChannel = "fleetgate_credential";

/** What replicas must hear of. */
export interface NewCredentialEvent {
  readonly subjectUid: string;
  /** The credential that changed; undefined: the subject. */
  readonly credentialId?: string;
  readonly realm: string;
  /** The version of the subject from which on it holds. */
  readonly version: bigint;
  /** Whether the subject may do less than before: what was signed for an earlier version must not be used. */
  readonly shrinks: boolean;
}

/**
 * Appends events to the log that replicas follow, in the transaction that made them true, and has them told at its commit.
 * For changes of state only: notifying commits come one after another, so renewals of leases and uses append none.
 */
export async function appendCredentialEvents(
  tx: Tx,
  events: readonly NewCredentialEvent[],
): Promise<void> {
  if (events.length === 0) return;
  await tx
    .insertInto("credential_event")
    .values(
      events.map(({ subjectUid, credentialId, realm, version, shrinks }) => ({
        ...{ subject_uid: subjectUid, credential_id: credentialId ?? null },
        ...{ realm, version, shrinks },
      })),
    )
    .execute();
  await sql`select pg_notify(${credentialChannel}, '')`.execute(tx);
}
