import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { readRunner } from "../../storage/credential/runners.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";
import { lockManagedRunner, managedRunner, requireManagedRunner } from "./runner-access.ts";
import { runnerIdentity, toRunner, type Runner } from "./runner.ts";

/** See SetRunnerPausedRequest. */
export interface SetRunnerPausedInput {
  readonly id: string;
  readonly paused: boolean;
}

/**
 * Pauses a runner, or lets it go on; its tokens are as good as before. That it is so already is no error, and no change. Fails with
 * INVALID_FIELD, LIMIT_EXCEEDED and as noSuchSubject.
 */
export async function setRunnerPaused(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id, paused }: SetRunnerPausedInput,
): Promise<Runner> {
  refuseBearers(actor);
  await requireManagedRunner(deps, snapshot, actor, id);
  const state = paused ? "paused" : "active";
  const found = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const { row } = await lockManagedRunner(tx, snapshot, actor, id);
    if (row.state !== state) {
      requireAllowance(deps.storage, actor, row.uid);
      // Those who hand out work and cache who is who must hear of a pause at once.
      await bumpSubject(tx, row, { state }, { shrinks: paused });
      const event = paused ? "runner_paused" : "runner_resumed";
      await appendAudit(tx, [{ event, actor, identity: runnerIdentity(row), realm: row.realm }]);
    }
    const after = await readRunner(tx, { uid: row.uid });
    return managedRunner(snapshot, actor, id, after && { row: after }).row;
  });
  await deps.makeKnown([found.uid]);
  return toRunner(found);
}
