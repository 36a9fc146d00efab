import { DomainError } from "../errors.ts";
import { withoutStack } from "../without-stack.ts";
import type { TaskState } from "./task-states.ts";

/**
 * The signal to stop, for who has the right token of a task that has ended, is to stop, or is held by nobody. Nobody else
 * may learn the state.
 */
export function taskNotActive(state: TaskState): DomainError {
  const message = `the task is not active (${state}): its token is not good for this any more`;
  return withoutStack(() => new DomainError("TASK_NOT_ACTIVE", message, { task_state: state }));
}
