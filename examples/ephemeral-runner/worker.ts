import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { credential, reasonOf } from "fleetgate/client/node";
import { connect } from "./connect.ts";
import type { Order, Payload } from "./order.ts";

// The worker: it knows nothing but its order, takes the job, works as the task that the job becomes, and is gone.

const order = JSON.parse(await text(process.stdin)) as Order;
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const job = await takeJob();
if (job === undefined) process.exitCode = 3;
else await work(job);

interface Job {
  readonly token: string;
  readonly payload: Payload;
}

/** Shows the secret. The nonce is for this worker alone: when the answer is lost, the client asks again, and is the same winner. */
async function takeJob(): Promise<Job | undefined> {
  await using fleetgate = connect(order, () => order.secret);
  const nonce = randomBytes(24).toString("base64url");
  try {
    const { token, payload } = await fleetgate.claims.presentClaim({ jobId: order.jobId, nonce });
    say(`has the job ${order.jobId}`);
    return { token, payload: JSON.parse(payload) as Payload };
  } catch (error) {
    // It is not told why, nor is a thief: the opener is.
    if (reasonOf(error) !== "CREDENTIAL_REQUIRED") throw error;
    say(`does not get the job ${order.jobId}`);
    return undefined;
  }
}

/** Works until there is nothing left to do, or it is told to stop. */
async function work({ token, payload }: Job): Promise<void> {
  await using fleetgate = connect(order, () => token);
  const { RUNNING } = credential.TaskState;
  await fleetgate.tasks.setTaskState({ taskId: order.jobId, state: RUNNING });
  for (let step = 1; payload.steps === 0 || step <= payload.steps; step += 1) {
    const state = await log(token, payload, `step ${step}`);
    if (state !== "running") {
      say(`stops: ${state}`);
      // One that is to stop may still report.
      if (state === "canceling") await log(token, payload, "tidied up");
      return;
    }
    await setTimeout(100);
  }
}

/** Sends a line of its log, and learns whether to go on. */
async function log(token: string, { logs }: Payload, line: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(logs, { method: "POST", headers, body: line });
  await response.body?.cancel();
  const state = response.headers.get("task-state");
  // A 503 says nothing about the task: a real worker would try again for a while.
  if (state === null) throw new Error(`the log answered ${response.status}`);
  return state;
}
