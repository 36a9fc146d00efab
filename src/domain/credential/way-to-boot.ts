import {
  instanceTransitions,
  runnerTransitions,
  type InstanceState,
  type RunnerState,
} from "./bot-states.ts";
import { botGates } from "./gates.ts";
import { reaches } from "./transitions.ts";

/** Why no boot token will be accepted in this generation any more. */
export interface NoWayToBoot {
  readonly kind: "runner" | "instance";
  readonly from: RunnerState | InstanceState;
  /** A state that would permit it, and cannot be reached. */
  readonly to: RunnerState | InstanceState;
}

/**
 * Whether a boot token can be accepted now or after some changes of state, without a new attempt. Undefined: it can. A token
 * that never can would only lie about in user data.
 */
export function noWayToBoot(runner: RunnerState, instance: InstanceState): NoWayToBoot | undefined {
  const gate = botGates.boot;
  if (!reaches(runnerTransitions, runner, gate.runner)) {
    return { kind: "runner", from: runner, to: "installing" };
  }
  if (!reaches(instanceTransitions, instance, gate.instance)) {
    return { kind: "instance", from: instance, to: "running" };
  }
  return undefined;
}
