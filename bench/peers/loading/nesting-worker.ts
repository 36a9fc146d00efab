import type { EntityChange } from "../../../src/domain/entity.ts";
import { advanceInSlices } from "../../../src/replica/change-in-slices.ts";
import { load } from "../../../src/replica/follow.ts";
import { sliceMs } from "../../../src/replica/in-turns.ts";
import { openStorage } from "../../../src/storage/database.ts";
import type { Steps } from "../../../src/domain/steps.ts";
import { serveParent } from "../../children.ts";

// Loads everything, and nests groups in others, as a replica follows such a change; nothing is committed.

/** What the process is asked. */
export interface NestingRequest {
  readonly url: string;
  /** The group that is nested, and those that it is nested in by turns, and taken out of again. */
  readonly nested: string;
  readonly groups: readonly string[];
  readonly count: number;
}

/** What each change cost the main thread, in milliseconds by the clock: the system counts processor time too coarsely. */
export interface NestingCosts {
  readonly totalMs: readonly number[];
  /** The longest time between two turns of the event loop. */
  readonly longestMs: readonly number[];
}

const warmUp = 10;

serveParent((request) => measure(request as NestingRequest));

async function measure({ url, nested, groups, count }: NestingRequest): Promise<NestingCosts> {
  const storage = await openStorage({ kind: "postgres", url });
  try {
    let state = await load(storage, {});
    const totalMs: number[] = [];
    const longestMs: number[] = [];
    for (let index = 0; index < warmUp + count; index += 1) {
      const group = groups[(index >> 1) % groups.length] ?? "";
      const item = nestingChange(group, nested, index % 2 === 1);
      const { revision, chainHash: hash } = state;
      const change = { revision: revision + 1n, hash, source: undefined, items: [item] };
      const { value, total, longest } = timeInTurns(advanceInSlices(state, [change]));
      state = value;
      if (index < warmUp) continue;
      totalMs.push(total);
      longestMs.push(longest);
    }
    return { totalMs, longestMs };
  } finally {
    await storage.close();
  }
}

/** Does work as `runInTurns` does, but for the turns of others, and times what is between these. */
function timeInTurns<T>(work: Steps<T>): {
  readonly value: T;
  readonly total: number;
  readonly longest: number;
} {
  let total = 0;
  let longest = 0;
  for (;;) {
    const begin = performance.now();
    let step = work.next();
    while (step.done !== true && performance.now() < begin + sliceMs) step = work.next();
    const took = performance.now() - begin;
    total += took;
    longest = Math.max(longest, took);
    if (step.done === true) return { value: step.value, total, longest };
  }
}

function nestingChange(group: string, nested: string, removed: boolean): EntityChange {
  const body = { group, nested };
  return {
    kind: "group_nested",
    key: `${group} ${nested}`,
    before: removed ? body : undefined,
    after: removed ? undefined : body,
  };
}
