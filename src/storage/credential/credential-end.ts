import { sql, type RawBuilder } from "kysely";
import type { BotUse } from "../../domain/credential/gates.ts";
import { statesBefore } from "../../domain/credential/states-before.ts";

/** Why a credential proves nothing any more. Where several things are so, the first, in the order in which a shown one is judged. */
export type CredentialEnd =
  | "expired"
  | "revoked"
  /** It works once, and that was it. */
  | "used_up"
  | "subject_gone"
  /** The bot is in a later attempt. */
  | "generation"
  /** Of its realm the configuration knows nothing; storage cannot tell. */
  | "realm_gone"
  /** No state that permits it can follow, in this attempt; or the time of the task is over. */
  | "state"
  /** The session that it is, or that it would take over, went on or ended. */
  | "epoch";

// In which states of its bot a kind may be of use yet.
const mayBeOfUse = (kind: BotUse) => {
  const { runner, instance } = statesBefore(kind);
  return sql`(c.kind = ${kind} and s.state = any(${runner}::text[])
    and s.instance_state = any(${instance}::text[]))`;
};

/** Why the credential `c` of the subject `s` proves nothing any more, as the clock of the statement has it; null: it may prove something. */
export const ended: RawBuilder<CredentialEnd | null> = sql<CredentialEnd | null>`
  case
    when c.expires_at <= now() then 'expired'
    when c.revoked_at is not null then 'revoked'
    when c.used_at is not null then 'used_up'
    when s.deleted_at is not null then 'subject_gone'
    when c.generation <> s.generation then 'generation'
    when s.kind = 'task' and s.report_until <= now() then 'state'
    when s.kind = 'bot' and not (${sql.join([mayBeOfUse("boot"), mayBeOfUse("session"), mayBeOfUse("resume")], sql` or `)}) then 'state'
    when c.kind in ('session', 'resume') and c.epoch <> s.epoch then 'epoch'
    when c.kind = 'resume' and not exists (
      select from credential p where p.id = c.parent and p.revoked_at is null
    ) then 'epoch'
  end`;
