/** At which rate tokens are ended, for how long, and how often each replica is asked about each of them. */
export interface RevocationPlan {
  readonly notify: boolean;
  readonly perSecond: number;
  readonly seconds: number;
  /** The least time between two questions to a replica, whichever token they are about, in milliseconds. */
  readonly pollMs: number;
}

/** How often a kind of run is repeated, and how long each takes. */
export interface Rounds {
  readonly rounds: number;
  readonly seconds: number;
}

/** How much is measured. */
export interface CredentialPlan {
  /** After how many seconds nothing more is begun: the bench gives up. */
  readonly limit: number;
  /** Tokens that are identified again and again; twice as many are made. */
  readonly live: number;
  /** Tokens that are identified once each, at most. */
  readonly fresh: number;
  /** Tokens that the server remembers and that are identified by turns, so many that it remembers no answers about them. */
  readonly seldom: number;
  readonly warmUp: number;
  readonly saturated: Rounds;
  readonly paced: Rounds;
  readonly inProcess: Rounds;
  readonly uncached: Rounds;
  /** Seconds of identifications at `wantedPerSecond`, by batches and then one by one. */
  readonly sustainedBatch: number;
  readonly sustainedSingle: number;
  readonly revocations: readonly RevocationPlan[];
}

/** The rate that a replica is to bear. */
export const wantedPerSecond = 10_000;

/** The whole bench, some three and a half minutes on an idle machine of two cores. */
export const fullPlan: CredentialPlan = {
  limit: 300,
  live: 3_000,
  fresh: 40_000,
  seldom: 20_000,
  warmUp: 1,
  saturated: { rounds: 5, seconds: 0.8 },
  paced: { rounds: 3, seconds: 2 },
  inProcess: { rounds: 5, seconds: 0.5 },
  uncached: { rounds: 3, seconds: 1.5 },
  sustainedBatch: 20,
  sustainedSingle: 15,
  revocations: [
    { notify: true, perSecond: 7, seconds: 20, pollMs: 4 },
    { notify: false, perSecond: 7, seconds: 20, pollMs: 5 },
  ],
};

/** Enough to see that everything runs. */
export const quickPlan: CredentialPlan = {
  limit: 180,
  live: 1_000,
  fresh: 8_000,
  seldom: 10_000,
  warmUp: 0.3,
  saturated: { rounds: 1, seconds: 0.4 },
  paced: { rounds: 1, seconds: 0.5 },
  inProcess: { rounds: 1, seconds: 0.2 },
  uncached: { rounds: 1, seconds: 0.5 },
  sustainedBatch: 3,
  sustainedSingle: 3,
  revocations: [
    { notify: true, perSecond: 7, seconds: 3, pollMs: 4 },
    { notify: false, perSecond: 7, seconds: 3, pollMs: 5 },
  ],
};
