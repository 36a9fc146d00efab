import { setTimeout } from "node:timers/promises";
import type { Sighting, WriteTimes } from "../live/visibility.ts";
import type { TaskToken } from "./messages.ts";
import type { RevocationPlan } from "./plan.ts";

/** How tokens are ended, and who is asked about them. */
export interface RevocationFleet {
  /** Ends a token at the first replica; resolves when that was acknowledged. */
  readonly end: (token: TaskToken, index: number) => Promise<void>;
  /** For each replica: whether it refuses the token. */
  readonly isRefused: readonly ((token: TaskToken) => Promise<boolean>)[];
  /** For each replica: resolves when WatchRevocations tells of the subject there, with the time. */
  readonly told: readonly ((token: TaskToken) => Promise<number>)[];
}

/** How long a token may stay good, in milliseconds. */
const patienceMs = 30_000;

/** How long before its end a token is shown to all replicas, in milliseconds. */
const earlyMs = 50;

/**
 * Ends one token after the other when it is due, whatever becomes of those before (an open loop). From then on each replica is
 * asked about all of them by turns, one question at a time, until it refuses. Every replica has accepted a token just before.
 * What is seen: the replicas, and then those who watch. Fails when a token stays good.
 */
export async function measureRevocations(
  { end, isRefused, told }: RevocationFleet,
  plan: RevocationPlan,
  tokens: readonly TaskToken[],
): Promise<readonly WriteTimes[]> {
  const pollers = isRefused.map((ask) => createPoller(ask, plan.pollMs));
  const begin = performance.now() + 2 * earlyMs;
  const endOne = async (token: TaskToken, index: number): Promise<WriteTimes> => {
    const dueAt = begin + (index * 1000) / plan.perSecond;
    await until(dueAt - earlyMs);
    const refused = await Promise.all(isRefused.map((ask) => ask(token)));
    if (refused.includes(true)) throw new Error("a token was refused too early");
    await until(dueAt);
    const sentAt = performance.now();
    const seen = Promise.all([
      ...pollers.map((poller) => poller.see(token, sentAt)),
      ...told.map(async (hear): Promise<Sighting> => {
        const at = await hear(token);
        return { at, notBefore: at };
      }),
    ]);
    seen.catch(() => undefined);
    await end(token, index);
    const acknowledgedAt = performance.now();
    return { dueAt, sentAt, acknowledgedAt, seen: await seen };
  };
  try {
    return await Promise.all(tokens.map(endOne));
  } finally {
    for (const poller of pollers) poller.stop();
  }
}

// A timer may be early by a fraction of a millisecond.
async function until(at: number): Promise<void> {
  for (let pause = at - performance.now(); pause > 0; pause = at - performance.now()) {
    await setTimeout(pause);
  }
}

interface Pending {
  readonly token: TaskToken;
  readonly sentAt: number;
  /** When the last question was sent that it was accepted at. */
  notBefore: number;
  readonly onSeen: (sighting: Sighting) => void;
  readonly onFailure: (error: unknown) => void;
}

interface Poller {
  /** Resolves when the token is refused. */
  readonly see: (token: TaskToken, sentAt: number) => Promise<Sighting>;
  readonly stop: () => void;
}

/** Asks while there is something to ask about: a slow machine gets no more questions than a fast one. */
function createPoller(isRefused: (token: TaskToken) => Promise<boolean>, pollMs: number): Poller {
  let pending: Pending[] = [];
  let running = false;

  async function askAbout(one: Pending): Promise<void> {
    const askedAt = performance.now();
    const refused = await isRefused(one.token);
    const at = performance.now();
    if (refused) one.onSeen({ at, notBefore: one.notBefore });
    else if (at - one.sentAt > patienceMs) {
      throw new Error("a replica goes on to accept a token that has ended");
    } else {
      one.notBefore = askedAt;
      pending.push(one);
    }
    await setTimeout(Math.max(0, askedAt + pollMs - performance.now()));
  }

  async function run(): Promise<void> {
    running = true;
    for (let one = pending.shift(); one !== undefined; one = pending.shift()) {
      await askAbout(one).catch(one.onFailure);
    }
    running = false;
  }

  return {
    see: (token, sentAt) =>
      new Promise((onSeen, onFailure) => {
        pending.push({ token, sentAt, notBefore: sentAt, onSeen, onFailure });
        if (!running) void run();
      }),
    stop: () => {
      pending = [];
    },
  };
}
