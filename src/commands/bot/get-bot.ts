import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readSubject } from "../../storage/credential/subjects.ts";
import { retrying } from "../../storage/transaction.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { checkBotId, managed } from "./bot-access.ts";
import { isOwnBot } from "./own-bot.ts";
import { toBot, type Bot } from "./bot.ts";

/** Reads a bot; for a bot itself its own. Fails with INVALID_FIELD, and as noSuchSubject. */
export async function getBot(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id }: { readonly id: string },
): Promise<Bot> {
  if (isOwnBot(actor, id)) {
    const { uid } = actor.record.subject;
    const row = await retrying(() => readSubject(storage.db, { uid }));
    if (row === undefined || row.deleted_at !== null) throw credentialRefused("its bot is gone");
    return toBot(row);
  }
  if (id === "") throw invalidField("bot_id", "must be set, since the peer is no bot");
  checkBotId(id);
  const row = await retrying(() => readSubject(storage.db, { kind: "bot", id }));
  return toBot(managed(snapshot, actor, id, row && { row }).row);
}
