import {
  instanceStates,
  runnerStates,
  type InstanceState,
  type RunnerState,
} from "../../domain/credential/bot-states.ts";
import { invalidField } from "../../domain/errors.ts";
import {
  InstanceState as InstanceNumber,
  RunnerState as RunnerNumber,
} from "../../gen/fleetgate/credential/v1/subject_pb.ts";

/** The states of a runner as the contract has them. */
export const runnerNumbers: Readonly<Record<RunnerState, RunnerNumber>> = {
  pending: RunnerNumber.PENDING,
  installing: RunnerNumber.INSTALLING,
  idle: RunnerNumber.IDLE,
  active: RunnerNumber.ACTIVE,
  offline: RunnerNumber.OFFLINE,
  online: RunnerNumber.ONLINE,
  unknown: RunnerNumber.UNKNOWN,
  terminated: RunnerNumber.TERMINATED,
  failed: RunnerNumber.FAILED,
};

/** The states of a machine as the contract has them. */
export const instanceNumbers: Readonly<Record<InstanceState, InstanceNumber>> = {
  pending_create: InstanceNumber.PENDING_CREATE,
  creating: InstanceNumber.CREATING,
  running: InstanceNumber.RUNNING,
  stopped: InstanceNumber.STOPPED,
  error: InstanceNumber.ERROR,
  pending_delete: InstanceNumber.PENDING_DELETE,
  pending_force_delete: InstanceNumber.PENDING_FORCE_DELETE,
  deleting: InstanceNumber.DELETING,
  deleted: InstanceNumber.DELETED,
  unknown: InstanceNumber.UNKNOWN,
};

const runners = new Map(runnerStates.map((state) => [runnerNumbers[state], state]));
const instances = new Map(instanceStates.map((state) => [instanceNumbers[state], state]));

/** The state of a runner that a request tells; undefined: it does not. Fails with INVALID_FIELD. */
export function toldRunnerState(number: RunnerNumber): RunnerState | undefined {
  if (number === RunnerNumber.UNSPECIFIED) return undefined;
  const state = runners.get(number);
  if (state === undefined) throw invalidField("runner_state", "must be a state of a runner");
  return state;
}

/** The state of a machine that a request tells; undefined: it does not. Fails with INVALID_FIELD. */
export function toldInstanceState(number: InstanceNumber): InstanceState | undefined {
  if (number === InstanceNumber.UNSPECIFIED) return undefined;
  const state = instances.get(number);
  if (state === undefined) throw invalidField("instance_state", "must be a state of a machine");
  return state;
}
