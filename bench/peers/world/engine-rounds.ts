import type { Identity } from "../../../src/domain/identity.ts";
import { checkPoolPerm } from "../../../src/engine/checker/check-pool-perm.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { createRandom } from "../../../test/support/fleets/random.ts";
import type { EngineRound } from "../messages.ts";
import type { BuiltWorld } from "./build-world.ts";

/** One check, ready to be made. */
interface Ask {
  readonly caller: Identity;
  readonly permission: string;
  readonly pool: string;
}

/** Asks a snapshot for some seconds. */
export interface EngineBench {
  readonly measure: (seconds: number) => EngineRound;
}

const hotAsks = 64;
const mostRandom = 200_000;
const mostStrangers = 2_000;
const permissions = ["swarming.pools.createTask", "swarming.pools.listTasks"];

/** Prepares checks of pools in the process: the same realms and bindings however many memberships there are. */
export function createEngineBench(world: BuiltWorld): EngineBench {
  const { spec, expanded, snapshot, members } = world;
  const random = createRandom(spec.seed);
  const pools = expanded.pools.map(({ name }) => name);
  const people = members.length < mostRandom ? members : random.sample(members, mostRandom);
  const askAbout = (caller: string): Ask => ({
    ...{
      caller: caller as Identity,
      permission: random.pick(permissions),
      pool: random.pick(pools),
    },
  });
  const few = random.sample(people, 16);
  const hot = Array.from({ length: hotAsks }, (_, index) =>
    askAbout(few[index % few.length] ?? ""),
  );
  // With few members each is asked about several times, so that all sizes have as many different questions.
  const all = Array.from({ length: mostRandom }, () => askAbout(random.pick(people)));
  const strangers = random.sample(members, mostStrangers).map(askAbout);
  const coldNs = timeOnce(snapshot, strangers);
  for (let pass = 0; pass < 3; pass += 1) askAll(snapshot, all);
  return {
    measure: (seconds) => ({
      hotNs: timePasses(snapshot, hot, seconds / 2),
      randomNs: timePasses(snapshot, all, seconds / 2),
      coldNs,
    }),
  };
}

function timePasses(snapshot: Snapshot, asks: readonly Ask[], seconds: number): number {
  askAll(snapshot, asks.slice(0, 10_000));
  const begin = cpuMicros();
  let made = 0;
  let elapsed = 0;
  while (elapsed < seconds * 1e6) {
    // Reading the clock costs: enough checks stand between two looks.
    for (let turn = 0; turn < Math.max(1, 20_000 / asks.length); turn += 1) {
      askAll(snapshot, asks);
      made += asks.length;
    }
    elapsed = cpuMicros() - begin;
  }
  return (elapsed * 1e3) / made;
}

function timeOnce(snapshot: Snapshot, asks: readonly Ask[]): number {
  global.gc?.();
  const begin = process.hrtime.bigint();
  askAll(snapshot, asks);
  return Number(process.hrtime.bigint() - begin) / asks.length;
}

let sink = 0;

function askAll(snapshot: Snapshot, asks: readonly Ask[]): void {
  for (const { caller, permission, pool } of asks) {
    sink += Number(checkPoolPerm(snapshot, caller, permission, pool).permitted);
  }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
