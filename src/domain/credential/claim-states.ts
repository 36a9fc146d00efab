/** How a claim may be. */
export const claimStates = [
  "pending",
  "claimed",
  "expired",
  "canceled",
  "failed",
  "superseded",
] as const;

/** How a claim is. All but `pending` are terminal: nothing leads out of them. */
export type ClaimState = (typeof claimStates)[number];

/** How a claim may end. */
export type ClaimEnd = Exclude<ClaimState, "pending">;

/** What may happen to a claim. */
export const claimEvents = [
  /** Its token is presented with a nonce that nobody presented before. */
  "present",
  /** Another token is presented for its job, or its own for another one. */
  "present_wrong",
  /** Its token again, with the nonce that won and within a minute. */
  "present_again",
  "extend",
  "supersede",
  "cancel",
  "executor_error",
  "executor_exit",
  "deadline",
] as const;

/** Something that happens to a claim. */
export type ClaimEvent = (typeof claimEvents)[number];

/**
 * What an event comes to: a state: the claim goes there. `stays`: it is done, and the state is as before. `refused`: the presenter hears
 * CREDENTIAL_REQUIRED. `moot`: it is over, and what comes late is of no interest. `illegal`: ILLEGAL_TRANSITION.
 */
export type ClaimStep = ClaimEnd | "stays" | "refused" | "moot" | "illegal";

const whenOver: Readonly<Record<ClaimEvent, ClaimStep>> = {
  present: "refused",
  present_wrong: "refused",
  present_again: "refused",
  extend: "illegal",
  supersede: "illegal",
  cancel: "illegal",
  executor_error: "moot",
  executor_exit: "moot",
  deadline: "moot",
};

/** What each event comes to in each state. */
export const claimSteps: Readonly<Record<ClaimState, Readonly<Record<ClaimEvent, ClaimStep>>>> = {
  pending: {
    present: "claimed",
    present_wrong: "refused",
    present_again: "claimed",
    extend: "stays",
    supersede: "superseded",
    cancel: "canceled",
    executor_error: "failed",
    executor_exit: "failed",
    deadline: "expired",
  },
  claimed: { ...whenOver, present_again: "stays" },
  expired: whenOver,
  canceled: { ...whenOver, cancel: "moot" },
  failed: whenOver,
  superseded: whenOver,
};

/** Why presenting is refused, as the opener is told; the presenter never is. See Claim.Refusal. */
export const claimRefusals = [
  "wrong_secret",
  "wrong_job",
  "conflict",
  "over",
  "forbidden",
] as const;

/** A reason of these. */
export type ClaimRefusal = (typeof claimRefusals)[number];
