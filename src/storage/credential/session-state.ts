import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";

/** What decides whether a session of a bot goes on. */
export interface SessionState {
  /** Whether it is the one of the bot's generation and epoch, not revoked, not expired, and the bot is there. */
  readonly isLive: boolean;
  readonly runnerState: string;
  /** Empty: the subject is no bot. */
  readonly instanceState: string;
}

/** Reads the state of a session by the id of its credential. Undefined: there is no such session. */
export async function readSessionState(
  db: Db | Tx,
  credentialId: string,
): Promise<SessionState | undefined> {
  const { rows } = await sql<SessionState>`
    select
      s.deleted_at is null and c.revoked_at is null and c.expires_at > clock_timestamp()
        and c.generation = s.generation and c.epoch = s.epoch as "isLive",
      s.state as "runnerState", coalesce(s.instance_state, '') as "instanceState"
    from credential c join subject s on s.uid = c.subject_uid
    where c.id = ${credentialId} and c.kind = 'session'
  `.execute(db);
  return rows[0];
}
