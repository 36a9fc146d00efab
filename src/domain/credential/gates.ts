import type { InstanceState, RunnerState } from "./bot-states.ts";
import { finalTaskStates, type TaskState } from "./task-states.ts";

/** What the bearer of a bot's credential is about to do with it. */
export type BotUse = "boot" | "open" | "session" | "resume";

interface BotGate {
  readonly runner: ReadonlySet<RunnerState>;
  readonly instance: ReadonlySet<InstanceState>;
}

/**
 * In which states of its bot a credential is accepted. Lists of what is permitted: a state that nobody thought of is refused.
 * `open`: the bot may get a session. `session`: the session that it has goes on.
 */
export const botGates: Readonly<Record<BotUse, BotGate>> = {
  boot: {
    runner: new Set(["pending", "installing"]),
    instance: new Set(["creating", "running"]),
  },
  open: {
    runner: new Set(["pending", "installing", "idle", "online", "offline"]),
    instance: new Set(["running"]),
  },
  session: {
    runner: new Set(["pending", "installing", "idle", "online", "offline", "active"]),
    instance: new Set(["running"]),
  },
  resume: {
    runner: new Set(["pending", "installing", "idle", "online", "offline", "active"]),
    instance: new Set(["running"]),
  },
};

/** Whether the states of a bot permit a use of its credential. */
export function botPermits(use: BotUse, runner: RunnerState, instance: InstanceState): boolean {
  const gate = botGates[use];
  return gate.runner.has(runner) && gate.instance.has(instance);
}

/** The permission to report how a task fares, which every token of a task has. */
export const reportPermission = "fleetgate.tasks.report";

/** What a task's token is good for: everything that its permissions say, reporting alone, or nothing. */
export type TaskUse = "all" | "report" | "none";

/** What is known of a task when its token is shown. Times are milliseconds since 1970, of the database's clock. */
export interface TaskFacts {
  readonly state: TaskState;
  readonly deadline: number;
  readonly reportUntil: number;
  /** The end of the last live hold; -Infinity: there is none. */
  readonly heldUntil: number;
}

const executing: ReadonlySet<TaskState> = new Set(["awaiting_ack", "running"]);

/**
 * What a task is at `now`: timed out from its deadline on, even if nobody has written that down yet. Whoever tells the state of a task
 * from a record that may be older than its deadline tells this.
 */
export function taskStateAt(
  { state, deadline }: Pick<TaskFacts, "state" | "deadline">,
  now: number,
): TaskState {
  return now >= deadline && !finalTaskStates.has(state) ? "timed_out" : state;
}

/**
 * What a task's token is good for at `now`. At the very instant of an end it is over. A task that is canceling, or that has
 * ended or passed its deadline not long ago, may report; one that nobody holds any more, may report as long.
 */
export function taskUseAt(
  { state, deadline, reportUntil, heldUntil }: TaskFacts,
  now: number,
): TaskUse {
  if (executing.has(state) && now < deadline && now < heldUntil) return "all";
  if (state === "canceling" && now < deadline && now < heldUntil) return "report";
  return now < reportUntil ? "report" : "none";
}
