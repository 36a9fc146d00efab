import type { CredentialDeps } from "../../credentials/deps.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { appendCredentialEvents } from "../../storage/credential/events.ts";
import {
  endOverdueTasks,
  releaseRunOutHolds,
  tryOverdueLock,
  type OverdueTask,
} from "../../storage/credential/overdue-tasks.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { expireOverdue } from "../claim/end-claim.ts";
import { serverActor } from "./lock-task.ts";

/** How many tasks, and how many holds, one transaction writes. */
const batchSize = 500;

/** How many transactions one step makes at most: the next step goes on. */
const maxBatches = 20;

/** What a step wrote down. */
export interface OverdueCounts {
  readonly timedOut: number;
  readonly leasesExpired: number;
}

/**
 * Writes down which tasks and claims have passed their deadline and which leases ran out. Their tokens are dead at that instant anyway, by the
 * clock: this makes states and audit say so. Does nothing while another process does it. Fails with a DomainError.
 */
export async function endOverdue(
  deps: Pick<CredentialDeps, "storage" | "makeKnown" | "claims">,
  batch = batchSize,
): Promise<OverdueCounts> {
  let [timedOut, leasesExpired] = [0, 0];
  for (let count = 0; count < maxBatches; count += 1) {
    const done = await inCredentialTransaction(deps.storage, "server", (tx) => endSome(tx, batch));
    timedOut += done.timedOut;
    leasesExpired += done.leasesExpired;
    if (done.uids.length > 0) await deps.makeKnown(done.uids);
    if (done.claimsExpired > 0) {
      deps.claims?.count("expired", done.claimsExpired);
      deps.claims?.changed();
    }
    if (Math.max(done.timedOut, done.leasesExpired, done.claimsExpired) < batch) break;
  }
  return { timedOut, leasesExpired };
}

async function endSome(
  tx: Tx,
  batch: number,
): Promise<OverdueCounts & { readonly uids: readonly string[]; readonly claimsExpired: number }> {
  if (!(await tryOverdueLock(tx))) {
    return { timedOut: 0, leasesExpired: 0, claimsExpired: 0, uids: [] };
  }
  const ended = await endOverdueTasks(tx, batch);
  const { holds, unheld } = await releaseRunOutHolds(tx, batch);
  const claims = await expireOverdue(tx, { limit: batch });
  await appendCredentialEvents(tx, [...ended, ...unheld].map(toEvent));
  await appendAudit(tx, [
    ...ended.map(({ id, realm }) => ({
      ...{ event: "timed_out" as const, actor: serverActor, identity: `task:${id}`, realm },
    })),
    ...holds.map(({ taskId, realm, holdId, holder }) => ({
      ...{ event: "lease_expired" as const, actor: serverActor, identity: `task:${taskId}`, realm },
      detail: { hold_id: holdId, holder },
    })),
  ]);
  return {
    timedOut: ended.length,
    leasesExpired: holds.length,
    claimsExpired: claims.length,
    uids: [...ended, ...unheld].map(({ uid }) => uid),
  };
}

// What was signed for a task that nobody holds dies with the last lease, and stays dead when somebody holds it again.
function toEvent({ uid, realm, version }: OverdueTask) {
  return { subjectUid: uid, realm, version, shrinks: true };
}
