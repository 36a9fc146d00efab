import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { credential, isUnavailable, type Fleetgate } from "fleetgate/client/node";
import type { Worker } from "./executor.ts";
import type { Order, Payload } from "./order.ts";
import { claimWord, taskWord } from "./words.ts";

const { ClaimState, TaskState, Trust } = credential;

/** What hands out jobs. */
export interface Dispatcher {
  readonly fleetgate: Fleetgate;
  readonly endpoint: string;
  /** The realm of its jobs. */
  readonly realm: string;
  readonly logs: string;
  readonly say: (line: string) => void;
}

/** A claim that was opened, and the order for the worker that is to present it. */
export interface Opened {
  readonly claimId: string;
  readonly order: Order;
}

/** Opens a claim: from now on there is one answer to what became of the job, whatever happens to anybody. */
export async function openClaim(
  dispatcher: Dispatcher,
  jobId: string,
  { steps, ttlSeconds = 60 }: { readonly steps: number; readonly ttlSeconds?: number },
): Promise<Opened> {
  const { fleetgate, realm, logs, say } = dispatcher;
  const payload: Payload = { logs, steps };
  const claimId = randomUUID();
  const { token, tlsFingerprint } = await fleetgate.claims.openClaim({
    ...{ claimId, jobId, realm, ttl: { seconds: BigInt(ttlSeconds) } },
    terms: {
      ...{ timeLimit: { seconds: 600n }, trust: Trust.UNTRUSTED, ref: "refs/pull/7/head" },
      ...{ audiences: ["fleetgate", "logs"], awaitingAck: true },
    },
    ...{ executor: "a process", payload: JSON.stringify(payload) },
  });
  say(`opened a claim for ${jobId}`);
  return { claimId, order: makeOrder(dispatcher, jobId, token, tlsFingerprint) };
}

/** Opens another claim in the place of one that nobody has presented. */
export async function supersede(
  dispatcher: Dispatcher,
  { claimId, order: { jobId } }: Opened,
): Promise<Opened> {
  const newClaimId = randomUUID();
  const { token, tlsFingerprint } = await dispatcher.fleetgate.claims.supersedeClaim({
    ...{ claimId, newClaimId, ttl: { seconds: 60n } },
  });
  dispatcher.say(`superseded the claim for ${jobId}`);
  return {
    claimId: newClaimId,
    order: makeOrder(dispatcher, jobId, token, tlsFingerprint),
  };
}

function makeOrder(
  { endpoint }: Dispatcher,
  jobId: string,
  secret: string,
  fingerprint: string,
): Order {
  return { endpoint, fingerprint, jobId, secret };
}

/** Tells when a worker is gone, and why it failed: a claim that it has not presented has failed by that, and to any other it makes no difference. */
export async function reportExit(
  { fleetgate }: Dispatcher,
  { claimId }: Opened,
  worker: Worker,
): Promise<string> {
  const error = await worker.exited;
  await fleetgate.claims.reportExecutor({ claimId, error });
  return error;
}

/** Waits for the one answer to a claim. A stream that breaks is begun again: no answer is missed. */
export async function watch(
  { fleetgate, say }: Dispatcher,
  { claimId, order: { jobId } }: Opened,
): Promise<credential.ClaimState> {
  let last: credential.ClaimState = ClaimState.UNSPECIFIED;
  while (last <= ClaimState.PENDING) {
    try {
      for await (const { claim } of fleetgate.claims.watchClaims({ claimIds: [claimId] })) {
        const state: credential.ClaimState = claim?.state ?? last;
        const why = claim?.error ? ` (${claim.error})` : "";
        // It is told again now and then, as a sign of life.
        if (state !== last) say(`claim of ${jobId}: ${claimWord(state)}${why}`);
        last = state;
      }
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await setTimeout(500);
    }
  }
  return last;
}

/** Says that a job is to stop: its worker hears it with its next line, and may still report. */
export async function cancelJob({ fleetgate, say }: Dispatcher, jobId: string): Promise<void> {
  say(`wants ${jobId} to stop`);
  await fleetgate.tasks.setTaskState({ taskId: jobId, state: TaskState.CANCELING });
}

/** Ends a job, whoever executes it: its token is good for nothing any more. */
export async function endJob(
  { fleetgate, say }: Dispatcher,
  jobId: string,
  state: credential.TaskState,
): Promise<void> {
  await fleetgate.tasks.endTask({ taskId: jobId, state });
  say(`ended ${jobId}: ${taskWord(state)}`);
}
