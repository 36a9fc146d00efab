import type { FleetSize } from "../../test/support/fleets/sizes.ts";

/** The sizes of fleets, by how people call them. */
export const scales = ["1k", "100k", "1M"] as const;

/** One of them. */
export type Scale = (typeof scales)[number];

/** The ways in which servers are asked, in the order of a round. */
export const modeNames = ["saturated", "h2load", "one", "paced"] as const;

/** One of them. */
export type ModeName = (typeof modeNames)[number];

/** How much is measured. */
export interface PeersPlan {
  /** The fleet of each size, and how many memberships of it. */
  readonly worlds: Readonly<
    Record<Scale, { readonly fleet: FleetSize; readonly memberships: number }>
  >;
  /** The fleet whose policies checks in the process are measured on, at every size the same. */
  readonly engineFleet: FleetSize;
  readonly rounds: number;
  /** How long a row is asked before the first round, and in each round by each mode; 0: not at all. */
  readonly warmUp: number;
  /** How long it is asked before each run of a mode but the paced one: servers that waited for their turn have grown cold. */
  readonly wakeUp: number;
  readonly seconds: Readonly<Record<ModeName, number>>;
  /** How long each kind of client calls in each round, and each size is checked in the process. */
  readonly client: number;
  readonly engine: number;
  /** How long casbin, cedar-wasm and we are asked in each round, on worlds of so many realms. */
  readonly smallWorld: number;
  readonly smallWorlds: readonly number[];
  readonly loading: {
    readonly loads: number;
    readonly advances: number;
    readonly nestings: number;
  };
  /** What it may take to fill databases and to start servers, as a rule, in seconds. */
  readonly setUp: number;
}

const ourWorlds = {
  "1k": { fleet: "small", memberships: 1_000 },
  "100k": { fleet: "large", memberships: 100_000 },
  "1M": { fleet: "huge", memberships: 1_000_000 },
} as const;

/** The whole comparison. Many short runs: what else disturbs a machine lasts for seconds, and a median over more of them cares less. */
export const fullPlan: PeersPlan = {
  worlds: ourWorlds,
  engineFleet: "huge",
  rounds: 9,
  warmUp: 2.5,
  wakeUp: 0.3,
  seconds: { saturated: 0.8, h2load: 0.5, one: 0.6, paced: 1 },
  client: 0.6,
  engine: 1,
  smallWorld: 0.7,
  smallWorlds: [1, 10, 100, 500],
  loading: { loads: 3, advances: 2_000, nestings: 30 },
  setUp: 180,
};

/** To see that everything runs: smaller fleets, and figures that say little. */
export const quickPlan: PeersPlan = {
  worlds: {
    ...ourWorlds,
    "100k": { fleet: "medium", memberships: 10_000 },
    "1M": { fleet: "medium", memberships: 10_000 },
  },
  engineFleet: "medium",
  rounds: 1,
  warmUp: 0.25,
  wakeUp: 0,
  seconds: { saturated: 0.25, h2load: 0, one: 0.15, paced: 0.2 },
  client: 0.2,
  engine: 0.2,
  smallWorld: 0.3,
  smallWorlds: [1, 10],
  loading: { loads: 1, advances: 100, nestings: 4 },
  setUp: 30,
};

/** What the bench may take in all, in seconds: it ends with the round that would go beyond. */
export const limitSeconds = 19 * 60;

/** How long one run takes beside the calls: connections, a rest before and after, processor times. */
export const overheadSeconds = 0.3;

/** How many runs of each mode a round has. */
export type RunCounts = Readonly<Record<ModeName, number>> & {
  readonly rows: number;
  readonly clients: number;
  readonly engines: number;
  readonly libraries: number;
  readonly loading: boolean;
};

/** How long one round takes as a rule, in seconds. */
export function roundSeconds(plan: PeersPlan, counts: RunCounts): number {
  let seconds = 0;
  for (const mode of modeNames) {
    const wakeUp = mode === "paced" ? 0 : plan.wakeUp;
    if (plan.seconds[mode] > 0) {
      seconds += counts[mode] * (wakeUp + plan.seconds[mode] + overheadSeconds);
    }
  }
  seconds += counts.clients * (plan.client + overheadSeconds);
  seconds += counts.engines * plan.engine + counts.libraries * plan.smallWorld;
  return seconds;
}

/** How long everything takes as a rule, in seconds. */
export function planSeconds(plan: PeersPlan, counts: RunCounts): number {
  const warmUp = counts.rows * (plan.warmUp + overheadSeconds);
  const loading = counts.loading ? plan.loading.loads * 10 + 30 : 0;
  return plan.setUp + warmUp + plan.rounds * roundSeconds(plan, counts) + loading;
}

/**
 * The plan with shorter runs, when it would take too long: as many rounds, so that medians stay medians. Throws when runs
 * would be so short that they say nothing.
 */
export function fitPlan(plan: PeersPlan, counts: RunCounts, most = limitSeconds): PeersPlan {
  let fitted = plan;
  for (let share = 1; planSeconds(fitted, counts) > most; share -= 0.05) {
    if (share < 0.4) {
      throw new Error(
        `that takes more than ${most} s: name fewer rows by --only, or fewer variants`,
      );
    }
    fitted = shorten(plan, share);
  }
  return fitted;
}

function shorten(plan: PeersPlan, share: number): PeersPlan {
  const { saturated, h2load, one, paced } = plan.seconds;
  return {
    ...plan,
    warmUp: plan.warmUp * share,
    wakeUp: plan.wakeUp * share,
    seconds: {
      saturated: saturated * share,
      h2load: h2load * share,
      one: one * share,
      paced: paced * share,
    },
    client: plan.client * share,
    engine: plan.engine * share,
    smallWorld: plan.smallWorld * share,
  };
}
