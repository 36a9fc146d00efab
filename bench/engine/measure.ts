import { countMemberships, generateFleet } from "../../test/support/fleets/generate-fleet.ts";
import type { FleetSize } from "../../test/support/fleets/sizes.ts";
import type { Configuration } from "../../src/domain/model.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import { median, rotate } from "../statistics.ts";
import { changeCosts } from "./change-cost.ts";
import { buildSnapshot, configureFleet } from "./fleet-snapshot.ts";
import { kinds, makeAsks, pickStrangers, type Ask, type Kind } from "./kinds.ts";

/** What to measure. */
export interface EngineTask {
  readonly size: FleetSize;
  readonly seed: number;
  readonly rounds: number;
  /** How long one kind is asked in one round. */
  readonly batchMs: number;
}

/** The figures of one kind of check, of all rounds. Times are nanoseconds per check. */
export interface KindFigures {
  readonly kind: Kind;
  readonly questions: number;
  /** How many of the questions were permitted; of filters: kept something. */
  readonly permitted: number;
  readonly coldNs: readonly number[];
  readonly warmNs: readonly number[];
}

/** The figures of one fleet. */
export interface EngineFigures {
  readonly size: FleetSize;
  readonly memberships: number;
  readonly groups: number;
  readonly realms: number;
  readonly pools: number;
  /** Bytes that stay in use for the configuration, which a server keeps beside the snapshot. */
  readonly configurationBytes: number;
  /** Bytes that stay in use for a new snapshot, beyond those of the configuration. */
  readonly snapshotBytes: number;
  readonly expandMs: readonly number[];
  readonly buildMs: readonly number[];
  /** Microseconds for one member more in a group, each time. */
  readonly changeUs: readonly number[];
  readonly kinds: readonly KindFigures[];
}

const maxStrangers = 400;
// A clock read costs some 50 ns: one batch holds at least this many checks.
const minColdChecks = 400;
const changesPerRound = 500;

/** Measures one fleet in this process. Wants `--expose-gc` for the memory. */
export function measureFleet({ size, seed, rounds, batchMs }: EngineTask): EngineFigures {
  const atStart = bytesInUse();
  // The fleet is made anew afterwards: its memory is not to be taken for that of the configuration.
  const configuration = configureFleet(generateFleet({ seed, size }));
  const configured = bytesInUse();
  const scout = buildSnapshot(configuration).snapshot;
  const snapshotBytes = bytesInUse() - configured;

  const fleet = generateFleet({ seed, size });
  const asks = makeAsks(fleet, scout, seed + 1);
  const strangers = pickStrangers(asks, maxStrangers);
  const permitted = new Map(kinds.map((kind) => [kind, askAll(asks.get(kind) ?? [], scout)]));
  // Two snapshots: code that was compiled for the only one there is would be compiled again later.
  for (const snapshot of [scout, buildSnapshot(configuration).snapshot]) {
    for (const kind of kinds) warmNs(asks.get(kind) ?? [], snapshot, 5 * batchMs);
  }

  const expandMs: number[] = [];
  const buildMs: number[] = [];
  const cold = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  const warm = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round += 1) {
    const built = buildSome(configuration, strangers);
    expandMs.push(median(built.map((one) => one.expandMs)));
    buildMs.push(median(built.map((one) => one.buildMs)));
    const snapshots = built.map(({ snapshot }) => snapshot);
    // The garbage of building is not the garbage of checks.
    global.gc?.();
    for (const kind of rotate(kinds, round)) {
      cold.get(kind)?.push(coldNs(strangers.get(kind) ?? [], snapshots));
    }
    const [snapshot = scout] = snapshots;
    for (const kind of rotate(kinds, round)) {
      askAll(asks.get(kind) ?? [], snapshot);
      warm.get(kind)?.push(warmNs(asks.get(kind) ?? [], snapshot, batchMs));
    }
  }
  const { projects = [], groups = [], pools = [] } = fleet.config;
  return {
    size,
    memberships: countMemberships(fleet.config),
    groups: groups.length,
    realms: projects.reduce((sum, project) => sum + (project.realms?.length ?? 0), 0),
    pools: pools.length,
    configurationBytes: configured - atStart,
    snapshotBytes,
    expandMs,
    buildMs,
    changeUs: changeCosts(buildSnapshot(configuration).snapshot, rounds * changesPerRound),
    kinds: kinds.map((kind) => ({
      kind,
      questions: asks.get(kind)?.length ?? 0,
      permitted: permitted.get(kind) ?? 0,
      coldNs: cold.get(kind) ?? [],
      warmNs: warm.get(kind) ?? [],
    })),
  };
}

// One snapshot is new to every caller only once; a small fleet has few callers and needs many snapshots.
function buildSome(configuration: Configuration, strangers: ReadonlyMap<Kind, readonly Ask[]>) {
  const fewest = Math.min(...[...strangers.values()].map((list) => Math.max(1, list.length)));
  const count = Math.min(200, Math.ceil(minColdChecks / fewest));
  const heavy = strangers.get("server")?.length === maxStrangers;
  return Array.from({ length: heavy ? 1 : count }, () => buildSnapshot(configuration));
}

function coldNs(strangers: readonly Ask[], snapshots: readonly Snapshot[]): number {
  const begin = cpuMicros();
  for (const snapshot of snapshots) askAll(strangers, snapshot);
  return ((cpuMicros() - begin) * 1e3) / (strangers.length * snapshots.length);
}

function warmNs(asks: readonly Ask[], snapshot: Snapshot, batchMs: number): number {
  const begin = cpuMicros();
  let passes = 0;
  let elapsed = 0;
  while (elapsed < batchMs * 1e3) {
    askAll(asks, snapshot);
    passes += 1;
    elapsed = cpuMicros() - begin;
  }
  return (elapsed * 1e3) / (passes * asks.length);
}

// Processor time: what else the machine does meanwhile does not count, what the collector does, does.
function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

// The sum is used, so that no check can be optimised away.
function askAll(asks: readonly Ask[], snapshot: Snapshot): number {
  let permitted = 0;
  for (const ask of asks) permitted += ask.run(snapshot);
  sink += permitted;
  return permitted;
}

let sink = 0;

function bytesInUse(): number {
  global.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
