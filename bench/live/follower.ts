import { advanceState } from "../../src/replica/change-state.ts";
import { follow, load } from "../../src/replica/follow.ts";
import type { ReplicaState } from "../../src/replica/state.ts";
import { openStorage, type Storage } from "../../src/storage/database.ts";
import { readRevisionPoint } from "../../src/storage/revision-point.ts";
import { serveParent } from "../children.ts";
import type {
  ChangeCost,
  ChangeCosts,
  FollowerRequest,
  LoadFigures,
  MemoryParts,
} from "./messages.ts";
import { startStallProbe, threadMillis } from "./stall-probe.ts";
import { memberChange } from "./world.ts";

// The process that loads everything, and follows what others commit, as a replica does. Wants `--expose-gc`.

let storage: Storage | undefined;
let state: ReplicaState | undefined;

serveParent(
  (message) => {
    const request = message as FollowerRequest;
    switch (request.kind) {
      case "load":
        return measureLoad(request.url);
      case "advance":
        return advance(request.groups, request.count);
      case "parts":
        return dropParts();
      default:
        return followOne();
    }
  },
  () => storage?.close(),
);

async function measureLoad(url: string): Promise<LoadFigures> {
  storage = await openStorage({ kind: "postgres", url });
  // What a first query compiles and connects is not what is measured.
  await readRevisionPoint(storage);
  const before = bytesInUse();
  const rssBefore = process.memoryUsage.rss();
  const probe = startStallProbe();
  const cpu = threadMillis();
  const begin = performance.now();
  state = await load(storage, {});
  const ms = performance.now() - begin;
  const cpuMs = threadMillis() - cpu;
  const stalls = probe.stop();
  const bytes = bytesInUse() - before;
  return { ms, cpuMs, stalls, bytes, rssBefore, rssAfter: process.memoryUsage.rss() };
}

const warmUp = 200;

/** Applies changes of one member each, to groups by turns, that nobody committed: nothing can be followed afterwards. */
function advance(groups: readonly string[], count: number): ChangeCosts {
  if (state === undefined) throw new Error("nothing is loaded");
  const wallUs: number[] = [];
  let cpu = threadMillis();
  for (let index = 0; index < warmUp + count; index += 1) {
    const group = groups[index % groups.length] ?? "";
    const item = memberChange(group, `user:bench-advance-${index}@example.com`);
    const { revision, chainHash: hash } = state;
    if (index === warmUp) cpu = threadMillis();
    const begin = performance.now();
    state = advanceState(state, [
      { revision: revision + 1n, hash, source: undefined, items: [item] },
    ]);
    if (index >= warmUp) wallUs.push((performance.now() - begin) * 1e3);
  }
  return { wallUs, cpuUs: ((threadMillis() - cpu) * 1e3) / count };
}

/** Follows what was committed since, as a replica does that was told of it. */
async function followOne(): Promise<ChangeCost> {
  if (storage === undefined || state === undefined) throw new Error("nothing is loaded");
  const cpu = threadMillis();
  const begin = performance.now();
  await readRevisionPoint(storage);
  const next = await follow(storage, state, {
    onMisfit: (cause) => {
      throw new Error("the change does not fit", { cause });
    },
  });
  const wallUs = (performance.now() - begin) * 1e3;
  const cpuUs = (threadMillis() - cpu) * 1e3;
  if (next.revision !== state.revision + 1n) throw new Error("there was not one change to follow");
  state = next;
  return { wallUs, cpuUs };
}

/** Lets go of the state part by part: what holds others goes first. */
function dropParts(): MemoryParts {
  const parts = takeApart();
  const drop = (part: keyof MemoryParts): number => {
    const before = bytesInUse();
    parts[part] = undefined;
    return before - bytesInUse();
  };
  return { groups: drop("groups"), compiled: drop("compiled"), configured: drop("configured") };
}

/** In a function of its own: the one that drops parts must hold nothing else of the state. */
function takeApart(): Record<keyof MemoryParts, unknown> {
  if (state === undefined) throw new Error("nothing is loaded");
  const { policies, expanded, snapshot } = state;
  state = undefined;
  return {
    groups: snapshot.groups,
    compiled: [snapshot.realms, snapshot.fleet],
    configured: [policies, expanded],
  };
}

function bytesInUse(): number {
  global.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
