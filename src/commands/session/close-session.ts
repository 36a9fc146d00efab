import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { SubjectRow } from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { checkBotId, lockManagedBot, requireManagedBot } from "../bot/bot-access.ts";
import { lockBearer } from "../bot/lock-bearer.ts";
import { isOwnBot } from "../bot/own-bot.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { endSession } from "./end-session.ts";
import { writerOf } from "../credential/writer-of.ts";

/**
 * Closes the session of the peer; for who manages its bots, that of the bot it names. No session is no error. Fails with
 * INVALID_FIELD, as noSuchSubject, and with CREDENTIAL_REQUIRED where the session of the peer is over.
 */
export async function closeSession(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { botId }: { readonly botId: string },
): Promise<void> {
  const itself = isOwnBot(actor, botId);
  if (itself && actor.record.kind !== "session") throw credentialRefused("it is no session");
  if (!itself && botId === "") {
    throw invalidField("bot_id", "must be set, since the peer is no bot");
  }
  if (!itself) {
    checkBotId(botId);
    await requireManagedBot(deps, snapshot, actor, botId);
  }
  const uid = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const row = await lockClosing(tx, snapshot, actor, botId);
    return (await endSession(tx, actor, row, "session_closed")) ? row.uid : undefined;
  });
  if (uid !== undefined) await deps.makeKnown([uid]);
}

async function lockClosing(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  botId: string,
): Promise<SubjectRow> {
  if (isOwnBot(actor, botId)) return (await lockBearer(tx, snapshot, actor.record)).row;
  return (await lockManagedBot(tx, snapshot, actor, botId)).row;
}
