import type { FleetSize } from "../../test/support/fleets/sizes.ts";

/** At which rate members are added, for how long, and how often each replica is asked about the oldest of them. */
export interface VisibilityPlan {
  readonly notify: boolean;
  readonly perSecond: number;
  readonly seconds: number;
  /** The least time between two questions to a replica, in milliseconds. */
  readonly pollMs: number;
}

/** How much is measured. */
export interface LivePlan {
  /** The fleet whose groups and policies are used. */
  readonly fleet: FleetSize;
  /** Memberships, ascending. Each size is filled up from the one before. */
  readonly sizes: readonly number[];
  /** How often everything is loaded at each size, each time in a new process. */
  readonly loads: number;
  /** Changes that are applied in the process, and changes that are read from Postgres, at each size. */
  readonly advances: number;
  readonly follows: number;
  readonly visibility: readonly VisibilityPlan[];
  /** How often each action runs that may stall a replica, and for how many seconds those that go on. */
  readonly runs: number;
  readonly seconds: number;
}

/** The whole bench, some six minutes on an idle machine of two cores. */
export const fullPlan: LivePlan = {
  fleet: "huge",
  sizes: [1_000, 100_000, 1_000_000],
  loads: 3,
  advances: 3_000,
  follows: 300,
  visibility: [
    { notify: true, perSecond: 10, seconds: 30, pollMs: 4 },
    { notify: false, perSecond: 10, seconds: 30, pollMs: 20 },
  ],
  runs: 5,
  seconds: 10,
};

/** Enough to see that everything runs: a smaller fleet too. */
export const quickPlan: LivePlan = {
  fleet: "large",
  sizes: [1_000, 100_000],
  loads: 1,
  advances: 300,
  follows: 30,
  visibility: [
    { notify: true, perSecond: 10, seconds: 5, pollMs: 4 },
    { notify: false, perSecond: 10, seconds: 5, pollMs: 20 },
  ],
  runs: 1,
  seconds: 2,
};

/** What the bench may take, in milliseconds, before it gives up. */
export const limitMs = 600_000;
