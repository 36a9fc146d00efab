import { judgeStep, type Step, type Transitions } from "./transitions.ts";

/** How far a task may be. */
export const taskStates = [
  "awaiting_ack",
  "running",
  "canceling",
  "succeeded",
  "failed",
  "canceled",
  "timed_out",
] as const;

/** How far a task is. */
export type TaskState = (typeof taskStates)[number];

/** The states of a task that has ended. */
export const finalTaskStates: ReadonlySet<TaskState> = new Set([
  "succeeded",
  "failed",
  "canceled",
  "timed_out",
]);

const ends: readonly TaskState[] = [...finalTaskStates];

/** From each state of a task those that may follow. */
export const taskTransitions: Transitions<TaskState> = {
  awaiting_ack: ["running", "canceling", ...ends],
  running: ["canceling", ...ends],
  canceling: ends,
};

/** What a change of a task's state comes to. */
export function judgeTaskStep(from: TaskState, to: TaskState): Step {
  return judgeStep(taskTransitions, finalTaskStates, from, to);
}

/** For how many milliseconds after its end or its deadline a task's token may still report. */
export const reportGraceMs = 5 * 60_000;
