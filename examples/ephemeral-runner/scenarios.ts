import { randomUUID } from "node:crypto";
import { credential } from "fleetgate/client/node";
import {
  cancelJob,
  endJob,
  openClaim,
  reportExit,
  supersede,
  watch,
  type Dispatcher,
} from "./dispatcher.ts";
import { startWorker } from "./executor.ts";

const { ClaimState, TaskState } = credential;

/** What the scenarios have besides the dispatcher. */
export interface Stage {
  readonly dispatcher: Dispatcher;
  /** Settles once the log has a line of the job. */
  readonly hasLogged: (jobId: string) => Promise<void>;
}

/** What may become of a job, by the names that the command line takes. */
export const scenarios: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  /** The job is claimed, done, and ended. */
  work: async ({ dispatcher }) => {
    const job = await startJob(dispatcher, "work", 3);
    const error = await job.exited;
    await endJob(dispatcher, job.id, error === "" ? TaskState.SUCCEEDED : TaskState.FAILED);
  },

  /** The dispatcher wants it to stop: the worker loses its rights but that to report, stops, and the job is ended. */
  cancel: async ({ dispatcher, hasLogged }) => {
    const job = await startJob(dispatcher, "cancel", 0);
    await hasLogged(job.id);
    await cancelJob(dispatcher, job.id);
    await job.exited;
    await endJob(dispatcher, job.id, TaskState.CANCELED);
  },

  /** The dispatcher ends it at once: the next line of the worker is refused. */
  end: async ({ dispatcher, hasLogged }) => {
    const job = await startJob(dispatcher, "end", 0);
    await hasLogged(job.id);
    await endJob(dispatcher, job.id, TaskState.CANCELED);
    await job.exited;
  },

  /** The worker dies before it has the job: nobody waits for the deadline. */
  dies: async ({ dispatcher }) => {
    const opened = await openClaim(dispatcher, jobIdOf("dies"), { steps: 1 });
    const worker = startWorker("worker", dispatcher.say);
    worker.kill();
    const exit = reportExit(dispatcher, opened, worker);
    await watch(dispatcher, opened);
    await exit;
  },

  /** The machine takes too long: when its worker has started at last, the job is not to be had any more. */
  late: async ({ dispatcher }) => {
    const opened = await openClaim(dispatcher, jobIdOf("late"), { steps: 1, ttlSeconds: 1 });
    const worker = startWorker("worker", dispatcher.say);
    await watch(dispatcher, opened);
    worker.deliver(opened.order);
    await reportExit(dispatcher, opened, worker);
  },

  /** The dispatcher has had enough of waiting and starts another worker. The first one comes after all, and gets nothing. */
  supersede: async ({ dispatcher }) => {
    const first = await openClaim(dispatcher, jobIdOf("supersede"), { steps: 1 });
    const slow = startWorker("slow worker", dispatcher.say);
    const second = await supersede(dispatcher, first);
    await watch(dispatcher, first);
    const worker = startWorker("worker", dispatcher.say);
    worker.deliver(second.order);
    slow.deliver(first.order);
    await watch(dispatcher, second);
    await reportExit(dispatcher, first, slow);
    await reportExit(dispatcher, second, worker);
    await endJob(dispatcher, second.order.jobId, TaskState.SUCCEEDED);
  },
};

/** Hands a job to a worker. Fails when that has not claimed it. */
async function startJob(
  dispatcher: Dispatcher,
  name: string,
  steps: number,
): Promise<{ readonly id: string; readonly exited: Promise<string> }> {
  const opened = await openClaim(dispatcher, jobIdOf(name), { steps });
  const worker = startWorker("worker", dispatcher.say);
  worker.deliver(opened.order);
  const exited = reportExit(dispatcher, opened, worker);
  const state = await watch(dispatcher, opened);
  if (state !== ClaimState.CLAIMED) throw new Error("nobody has claimed the job");
  return { id: opened.order.jobId, exited };
}

/** A job is the task that it becomes, so each has an id of its own. */
function jobIdOf(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}
