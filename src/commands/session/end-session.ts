import type { Actor } from "../../credentials/deps.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { bumpSubject, type SubjectRow } from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { identityOf } from "../bot/bot.ts";
import { revokeSessionTokens } from "./revoke-tokens.ts";

/** Why a session ends, by its event in the audit: as the revoked tokens say it. */
const reasons = { session_closed: "closed", resume_replayed: "replayed" } as const;

/**
 * Ends whatever session a bot has, by a higher epoch and by revoking its tokens, used-up ones too: who shows one of them
 * later learns nothing and ends nothing. Whether there was one.
 */
export async function endSession(
  tx: Tx,
  actor: Actor,
  row: SubjectRow,
  event: keyof typeof reasons,
): Promise<boolean> {
  const reason = reasons[event];
  if (!(await revokeSessionTokens(tx, actor, row, reason, { kind: "all" }))) return false;
  await bumpSubject(tx, row, { epoch: row.epoch + 1n }, { shrinks: true });
  const credentialId = actor.record?.id;
  const identity = identityOf(row);
  const detail = { epoch: String(row.epoch) };
  await appendAudit(tx, [{ event, actor, credentialId, identity, realm: row.realm, detail }]);
  return true;
}
