/** What became of enrolments that were let in: see docs/operations.md. */
export const enrolmentOutcomes = [
  "new",
  "again",
  "repeated",
  "refused",
  "exists",
  "full",
  "failed",
] as const;

/** What became of an enrolment. */
export type EnrolmentOutcome = (typeof enrolmentOutcomes)[number];

/** What was done about managers of runners, each counted once it was decided. */
export interface RunnerCounts {
  readonly enrolments: Readonly<Record<EnrolmentOutcome, number>>;
  /** Runner tokens that were replaced by a new one, repeats of a lost answer not counted. */
  readonly rotations: number;
}

/** Counts what is done about managers. */
export interface RunnerCounter {
  readonly enrolled: (outcome: EnrolmentOutcome) => void;
  readonly rotated: () => void;
  readonly read: () => RunnerCounts;
}

/** Creates a counter that has seen nothing. */
export function createRunnerCounter(): RunnerCounter {
  const enrolments = { new: 0, again: 0, repeated: 0, refused: 0, exists: 0, full: 0, failed: 0 };
  let rotations = 0;
  return {
    enrolled: (outcome) => void (enrolments[outcome] += 1),
    rotated: () => void (rotations += 1),
    read: () => ({ enrolments: { ...enrolments }, rotations }),
  };
}
