import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { maxGeneration } from "../../domain/credential/bot-states.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { checkBotId, lockManagedBot, refuseBearers, requireManagedBot } from "./bot-access.ts";
import { identityOf, statesOf, toBot, type Bot } from "./bot.ts";
import { generationMoved, illegalTransition } from "./bot-errors.ts";
import { writerOf } from "../credential/writer-of.ts";

/**
 * Begins the next attempt to set a bot up: every token of it is dead, since it is of an earlier generation, and its
 * one-time secrets can be fetched again. Fails with INVALID_FIELD, as noSuchSubject, and with GENERATION_MOVED,
 * ILLEGAL_TRANSITION and ATTEMPTS_EXHAUSTED.
 */
export async function requeueBot(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id, expectedGeneration }: { readonly id: string; readonly expectedGeneration: number },
): Promise<Bot> {
  refuseBearers(actor);
  checkBotId(id);
  await requireManagedBot(deps, snapshot, actor, id);
  const row = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const { row: before } = await lockManagedBot(tx, snapshot, actor, id);
    const { generation, epoch, realm } = before;
    if (generation !== expectedGeneration) throw generationMoved(generation);
    const { instanceState } = statesOf(before);
    if (instanceState !== "error") {
      throw illegalTransition("instance", instanceState, "pending_create");
    }
    if (generation >= maxGeneration) throw attemptsExhausted(generation);
    const after = await bumpSubject(
      tx,
      before,
      {
        generation: generation + 1,
        epoch: epoch + 1n,
        state: "pending",
        instance_state: "pending_create",
        one_time: "{}",
        // The next runner registers with the forge anew.
        agent_id: null,
      },
      { shrinks: true },
    );
    const detail = { generation: after.generation };
    const identity = identityOf(after);
    await appendAudit(tx, [{ event: "requeued", actor, identity, realm, detail }]);
    return after;
  });
  await deps.makeKnown([row.uid]);
  return toBot(row);
}

function attemptsExhausted(generation: number): DomainError {
  const message = `the bot was tried ${generation} times, which is as often as it may be; delete it`;
  return new DomainError("ATTEMPTS_EXHAUSTED", message, { generation: String(generation) });
}
