/** How much is measured. */
export interface ClaimPlan {
  /** After how many seconds nothing more is begun: the bench gives up. */
  readonly limit: number;
  /** Managers that beat, and the runners for which they work. */
  readonly managers: number;
  readonly runners: number;
  /** Those of them that beat again and again. */
  readonly known: number;
  /** Managers that enrol for ten runners by turns. */
  readonly enrolling: number;
  /** Managers that enrol for one and the same runner. */
  readonly ofOne: number;
  readonly warmUp: number;
  readonly rounds: number;
  /** Seconds of a round of claims, and of one of heartbeats. */
  readonly claims: number;
  readonly beats: number;
  /** Seconds of heartbeats at the rate of a fleet in which each manager beats once a minute. */
  readonly calm: number;
}

/** The whole bench, some two minutes on an idle machine of two cores. */
export const fullPlan: ClaimPlan = {
  ...{ limit: 240, managers: 10_000, runners: 100, known: 500, enrolling: 2_000, ofOne: 500 },
  ...{ warmUp: 1, rounds: 3, claims: 5, beats: 3, calm: 20 },
};

/** Enough to see that everything runs. */
export const quickPlan: ClaimPlan = {
  ...{ limit: 120, managers: 1_000, runners: 10, known: 100, enrolling: 200, ofOne: 100 },
  ...{ warmUp: 0.3, rounds: 1, claims: 1, beats: 1, calm: 2 },
};
