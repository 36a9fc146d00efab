import { DomainError } from "../errors.ts";
import { withoutStack } from "../without-stack.ts";
import { finalTaskStates, type TaskState } from "./task-states.ts";

/**
 * The signal to stop, for who has the right token of a task that has ended, is to stop, or is held by nobody. Nobody else
 * may learn the state.
 */
export function taskNotActive(state: TaskState): DomainError {
  const message = `the task is not active (${wordsOf(state)}): its token is not good for this any more`;
  return withoutStack(() => new DomainError("TASK_NOT_ACTIVE", message, { task_state: state }));
}

// A task that is executed, and yet its token is good for nothing: the state alone would contradict the refusal.
function wordsOf(state: TaskState): string {
  if (finalTaskStates.has(state) || state === "canceling") return state;
  return `${state}, but nobody holds it, or its realm is gone`;
}
