import { sql } from "kysely";
import type { Db, Tx } from "../storage.ts";

/** What decides whether a session of a bot, or a runner token, goes on. */
export type SessionState =
  | {
      readonly kind: "session";
      /** Whether it is the one of the bot's generation and epoch, not revoked, not expired, and the bot is there. */
      readonly isLive: boolean;
      readonly runnerState: string;
      readonly instanceState: string;
    }
  | {
      readonly kind: "runner";
      /** Whether it is not revoked, not expired, and the runner is there. */
      readonly isLive: boolean;
    };

/** Reads the state of a session or a runner token by the id of its credential. Undefined: there is none. */
export async function readSessionState(
  db: Db | Tx,
  credentialId: string,
): Promise<SessionState | undefined> {
  const { rows } = await sql<SessionState>`
    select c.kind,
      s.deleted_at is null and c.revoked_at is null and c.expires_at > clock_timestamp()
        and c.generation = s.generation and (c.epoch = s.epoch or c.kind = 'runner') as "isLive",
      s.state as "runnerState", s.instance_state as "instanceState"
    from credential c join subject s on s.uid = c.subject_uid
    where c.id = ${credentialId}
      and (c.kind = 'session' and s.kind = 'bot' or c.kind = 'runner' and s.kind = 'runner')
  `.execute(db);
  return rows[0];
}
