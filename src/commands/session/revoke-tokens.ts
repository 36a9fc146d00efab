import type { Actor } from "../../credentials/deps.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { revokeSessions, type EndedSessions } from "../../storage/credential/sessions.ts";
import type { SubjectRow } from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { identityOf } from "../bot/bot.ts";

/**
 * Revokes tokens of the sessions of a locked bot. Whether there were any. Each that ends by this has its row in the audit; what was
 * used up or had expired ended by that: a bot that takes over again and again has thousands of these.
 */
export async function revokeSessionTokens(
  tx: Tx,
  actor: Actor,
  row: SubjectRow,
  reason: "replaced" | "closed" | "replayed",
  ended: EndedSessions,
): Promise<boolean> {
  const { some, live } = await revokeSessions(tx, row.uid, reason, ended);
  const of = { identity: identityOf(row), realm: row.realm, reason };
  await appendAudit(
    tx,
    live.map((credentialId) => ({ event: "revoked", actor, credentialId, ...of })),
  );
  return some;
}
