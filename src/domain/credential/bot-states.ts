import { judgeStep, type Step, type Transitions } from "./transitions.ts";

/** How a runner program may fare on its machine. */
export const runnerStates = [
  "pending",
  "installing",
  "idle",
  "active",
  "offline",
  "online",
  "unknown",
  "terminated",
  "failed",
] as const;

/** How a runner fares. */
export type RunnerState = (typeof runnerStates)[number];

/** How the machine of a bot may fare. */
export const instanceStates = [
  "pending_create",
  "creating",
  "running",
  "stopped",
  "error",
  "pending_delete",
  "pending_force_delete",
  "deleting",
  "deleted",
  "unknown",
] as const;

/** How a machine fares. */
export type InstanceState = (typeof instanceStates)[number];

/**
 * From each state of a runner those that may follow. `online` and `unknown` are states that a forge tells of a runner which
 * nobody here has set up: nothing follows them but a new attempt.
 */
export const runnerTransitions: Transitions<RunnerState> = {
  pending: ["installing", "idle", "active", "failed", "terminated"],
  installing: ["idle", "active", "failed", "terminated"],
  idle: ["active", "offline", "failed", "terminated"],
  active: ["idle", "offline", "failed", "terminated"],
  offline: ["idle", "active", "failed", "terminated"],
};

/** The states of a runner that has ended: reports that come later change nothing. */
export const finalRunnerStates: ReadonlySet<RunnerState> = new Set(["terminated", "failed"]);

/** From each state of a machine those that may follow, but for the next attempt, which `error` alone permits. */
export const instanceTransitions: Transitions<InstanceState> = {
  pending_create: ["creating", "error", "pending_delete", "pending_force_delete"],
  creating: ["running", "error"],
  running: ["stopped", "unknown", "error", "pending_delete", "pending_force_delete"],
  stopped: ["running", "unknown", "error", "pending_delete", "pending_force_delete"],
  unknown: ["running", "stopped", "error", "pending_delete", "pending_force_delete"],
  error: ["pending_delete", "pending_force_delete"],
  pending_delete: ["deleting", "pending_force_delete", "error"],
  pending_force_delete: ["deleting", "error"],
  deleting: ["deleted", "error"],
};

const none: ReadonlySet<InstanceState> = new Set();

/** What a report of a runner's state comes to. */
export function judgeRunnerStep(from: RunnerState, to: RunnerState): Step {
  return judgeStep(runnerTransitions, finalRunnerStates, from, to);
}

/** What a report of a machine's state comes to. Nothing is moot: a machine that is gone does not come back. */
export function judgeInstanceStep(from: InstanceState, to: InstanceState): Step {
  return judgeStep(instanceTransitions, none, from, to);
}

/** How often setting a bot up is tried: the highest generation. */
export const maxGeneration = 5;
