import { once, EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { VisibilityPlan } from "./plan.ts";

/** One member that was added, and when it could be seen. Times are milliseconds of one clock. */
export interface WriteTimes {
  /** When it was to be sent. */
  readonly dueAt: number;
  readonly sentAt: number;
  readonly acknowledgedAt: number;
  /** For each replica. */
  readonly seen: readonly Sighting[];
}

/** When a replica was first heard to answer with the new member. */
export interface Sighting {
  readonly at: number;
  /** When the last question was sent before that a replica denied, about it or an older one: it became visible since. */
  readonly notBefore: number;
}

/** How members are added and seen. */
export interface Fleet {
  /** Adds a member at the first replica; resolves when that was acknowledged. */
  readonly add: (member: string) => Promise<void>;
  /** For each replica: whether it says that this is a member. */
  readonly isMember: readonly ((member: string) => Promise<boolean>)[];
}

interface Pending {
  readonly member: string;
  readonly sentAt: number;
  readonly onSeen: (sighting: Sighting) => void;
}

/** How long a member may stay unseen, in milliseconds. */
const patienceMs = 30_000;

/**
 * Adds members when they are due, whatever becomes of those before (an open loop), and asks each replica all the time
 * about the oldest one that it does not show yet: revisions have no holes, so one that was committed later is not
 * visible before; one that overtakes another on its way to Postgres counts as seen with it. At most one
 * question is under way at each replica. Fails when a write fails or is not seen.
 */
export async function measureVisibility(
  { add, isMember }: Fleet,
  plan: VisibilityPlan,
): Promise<readonly WriteTimes[]> {
  const queues = isMember.map((ask) => createQueue(ask, plan.pollMs));
  const watching = queues.map((queue) => queue.run());
  const failed = Promise.all(watching).then(() => new Promise<never>(() => {}));
  failed.catch(() => undefined);
  const total = Math.round(plan.perSecond * plan.seconds);
  const begin = performance.now();
  try {
    const writes: Promise<WriteTimes>[] = [];
    for (let index = 0; index < total; index += 1) {
      const dueAt = begin + (index * 1000) / plan.perSecond;
      // A timer may be early by a fraction of a millisecond.
      for (let pause = dueAt - performance.now(); pause > 0; pause = dueAt - performance.now()) {
        await setTimeout(pause);
      }
      const write = writeOne(`user:bench-visible-${index}@example.com`, dueAt, add, queues);
      write.catch(() => undefined);
      writes.push(write);
    }
    return await Promise.race([Promise.all(writes), failed]);
  } finally {
    for (const queue of queues) queue.stop();
    await Promise.allSettled(watching);
  }
}

async function writeOne(
  member: string,
  dueAt: number,
  add: Fleet["add"],
  queues: readonly Queue[],
): Promise<WriteTimes> {
  const sentAt = performance.now();
  const seen = queues.map((queue) => queue.see(member, sentAt));
  for (const one of seen) one.catch(() => undefined);
  await add(member);
  const acknowledgedAt = performance.now();
  return { dueAt, sentAt, acknowledgedAt, seen: await Promise.all(seen) };
}

interface Queue {
  /** Resolves when the member is seen. */
  readonly see: (member: string, sentAt: number) => Promise<Sighting>;
  /** Asks until it is stopped. Fails when a question does, or when a member stays unseen. */
  readonly run: () => Promise<void>;
  readonly stop: () => void;
}

function createQueue(isMember: (member: string) => Promise<boolean>, pollMs: number): Queue {
  const pending: Pending[] = [];
  const signal = new EventEmitter();
  let stopped = false;
  let deniedAt = 0;
  // A function, so that it is looked at anew after each wait.
  const isStopped = (): boolean => stopped;

  async function watch(oldest: Pending): Promise<void> {
    while (!isStopped()) {
      const askedAt = performance.now();
      const permitted = await isMember(oldest.member);
      const at = performance.now();
      if (permitted) {
        pending.shift();
        oldest.onSeen({ at, notBefore: Math.max(oldest.sentAt, deniedAt) });
        return;
      }
      if (at - oldest.sentAt > patienceMs) throw new Error("a replica does not show a member");
      deniedAt = askedAt;
      await setTimeout(Math.max(0, askedAt + pollMs - performance.now()));
    }
  }

  return {
    see: (member, sentAt) =>
      new Promise((onSeen) => {
        pending.push({ member, sentAt, onSeen });
        signal.emit("wake");
      }),
    run: async () => {
      while (!isStopped()) {
        const [oldest] = pending;
        if (oldest === undefined) await once(signal, "wake");
        else await watch(oldest);
      }
    },
    stop: () => {
      stopped = true;
      signal.emit("wake");
    },
  };
}
