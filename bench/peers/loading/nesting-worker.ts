import type { EntityChange } from "../../../src/domain/entity.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import { advanceInSlices } from "../../../src/replica/change-in-slices.ts";
import { load } from "../../../src/replica/follow.ts";
import { sliceMs } from "../../../src/replica/in-turns.ts";
import { openStorage } from "../../../src/storage/database.ts";
import type { Steps } from "../../../src/domain/steps.ts";
import type { WorldGroup } from "../../../test/spec/world.ts";
import { generateFleet } from "../../../test/support/fleets/generate-fleet.ts";
import type { FleetSize } from "../../../test/support/fleets/sizes.ts";
import { serveParent } from "../../children.ts";

// Loads everything, and nests groups in others, as a replica follows such a change; nothing is committed.

/** What the process is asked. */
export interface NestingRequest {
  readonly url: string;
  /** The fleet that the database holds. */
  readonly seed: number;
  readonly fleet: FleetSize;
  readonly count: number;
}

/** What each change cost the main thread, in milliseconds by the clock: the system counts processor time too coarsely. */
export interface NestingCosts {
  readonly totalMs: readonly number[];
  /** The longest time between two turns of the event loop. */
  readonly longestMs: readonly number[];
  /** Microseconds of the first look-up of a caller's groups after it, the mean: the change may leave work to it. */
  readonly afterUs: readonly number[];
}

const warmUp = 10;
/** Whose groups are known when groups are nested: as many as a busy server remembers. */
const askedBefore = 100_000;
const askedAfter = 2_000;

serveParent((request) => measure(request as NestingRequest));

async function measure({ url, seed, fleet: size, count }: NestingRequest): Promise<NestingCosts> {
  const { config, identities } = generateFleet({ seed, size });
  const { nested, groups } = chooseNesting(config.groups ?? []);
  const storage = await openStorage({ kind: "postgres", url });
  try {
    let state = await load(storage, {});
    const totalMs: number[] = [];
    const longestMs: number[] = [];
    const afterUs: number[] = [];
    const lookUp = (some: readonly string[]): void => {
      const { authDb } = state.snapshot;
      for (const identity of some) authDb.isMember(identity as Identity, nested);
    };
    lookUp(identities.all.slice(0, askedBefore));
    const some = identities.all.slice(0, askedAfter);
    for (let index = 0; index < warmUp + count; index += 1) {
      const group = groups[(index >> 1) % groups.length] ?? "";
      const item = nestingChange(group, nested, index % 2 === 1);
      const { revision, chainHash: hash } = state;
      const change = { revision: revision + 1n, hash, source: undefined, items: [item] };
      const { value, total, longest } = timeInTurns(advanceInSlices(state, [change]));
      state = value;
      const begin = performance.now();
      lookUp(some);
      const after = ((performance.now() - begin) * 1e3) / some.length;
      if (index < warmUp) continue;
      totalMs.push(total);
      longestMs.push(longest);
      afterUs.push(after);
    }
    return { totalMs, longestMs, afterUs };
  } finally {
    await storage.close();
  }
}

/**
 * The group that has most others below it, and some that have others above them and are neither below nor above it: a
 * change that many effective groups depend on.
 */
function chooseNesting(all: readonly WorldGroup[]): {
  readonly nested: string;
  readonly groups: readonly string[];
} {
  const below = new Map(all.map(({ name, nested = [] }) => [name, nested]));
  const under = (name: string): ReadonlySet<string> => {
    const found = new Set<string>();
    const next = [...(below.get(name) ?? [])];
    for (let one = next.pop(); one !== undefined; one = next.pop()) {
      if (found.has(one)) continue;
      found.add(one);
      next.push(...(below.get(one) ?? []));
    }
    return found;
  };
  const hasParent = new Set(all.flatMap(({ nested = [] }) => nested));
  const parents = all.filter(({ nested = [] }) => nested.length > 0).map(({ name }) => name);
  const nested = parents.reduce((best, name) => {
    return under(name).size > under(best).size ? name : best;
  }, parents[0] ?? "");
  const ofIt = under(nested);
  const groups = [...hasParent]
    .filter((name) => name !== nested && !ofIt.has(name) && !under(name).has(nested))
    .slice(0, 50);
  if (groups.length === 0) throw new Error("the fleet has no groups to nest in");
  return { nested, groups };
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
