import {
  instanceStates,
  instanceTransitions,
  runnerStates,
  runnerTransitions,
  type InstanceState,
  type RunnerState,
} from "./bot-states.ts";
import { botGates, type BotUse } from "./gates.ts";
import { reaches } from "./transitions.ts";

/** The states of runner and machine in which something may be of use, now or later. */
export interface StatesBefore {
  readonly runner: readonly RunnerState[];
  readonly instance: readonly InstanceState[];
}

/**
 * From which states of its bot a credential is accepted at once, or after some changes of state, without a new attempt. In all
 * others it is dead.
 */
export function statesBefore(use: BotUse): StatesBefore {
  const gate = botGates[use];
  return {
    runner: runnerStates.filter((state) => reaches(runnerTransitions, state, gate.runner)),
    instance: instanceStates.filter((state) => reaches(instanceTransitions, state, gate.instance)),
  };
}
