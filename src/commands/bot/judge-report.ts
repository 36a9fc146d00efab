import {
  finalRunnerStates,
  judgeInstanceStep,
  judgeRunnerStep,
  type InstanceState,
  type RunnerState,
} from "../../domain/credential/bot-states.ts";
import { botGates, botPermits, type BotUse } from "../../domain/credential/gates.ts";
import { invalidField } from "../../domain/errors.ts";
import type { SubjectChanges, SubjectRow } from "../../storage/credential/subjects.ts";
import { illegalTransition } from "./bot-errors.ts";
import { statesOf } from "./bot.ts";

/** What a report about a bot comes to. */
export interface BotReport {
  /** Empty: nothing. */
  readonly changes: SubjectChanges;
  /** Whether a token that the states permitted before is refused by them now. */
  readonly shrinks: boolean;
}

/** What is told: undefined, or 0, is not. */
export interface Told {
  readonly runnerState: RunnerState | undefined;
  readonly instanceState: InstanceState | undefined;
  readonly agentId: bigint;
}

/**
 * Judges a report about a bot. One of a runner that has ended changes nothing of it, while its machine goes on. Fails with
 * INVALID_FIELD when the agent id is another one than is known, and with ILLEGAL_TRANSITION.
 */
export function judgeReport(row: SubjectRow, told: Told): BotReport {
  const from = statesOf(row);
  const changes = {
    ...agentChange(row, told.agentId),
    ...runnerChange(from.runnerState, told.runnerState),
    ...instanceChange(from.instanceState, told.instanceState),
  };
  const to = statesOf({ ...row, ...changes });
  const uses = Object.keys(botGates) as readonly BotUse[];
  const shrinks = uses.some(
    (use) =>
      botPermits(use, from.runnerState, from.instanceState) &&
      !botPermits(use, to.runnerState, to.instanceState),
  );
  return { changes, shrinks };
}

function agentChange(row: SubjectRow, agentId: bigint): { readonly agent_id?: bigint } {
  const known = row.agent_id ?? 0n;
  if (agentId === 0n || agentId === known) return {};
  if (known !== 0n) throw invalidField("agent_id", "must be the one that is known of the bot");
  return finalRunnerStates.has(statesOf(row).runnerState) ? {} : { agent_id: agentId };
}

function runnerChange(
  from: RunnerState,
  to: RunnerState | undefined,
): { readonly state?: RunnerState } {
  if (to === undefined) return {};
  const step = judgeRunnerStep(from, to);
  if (step === "illegal") throw illegalTransition("runner", from, to);
  return step === "moves" ? { state: to } : {};
}

function instanceChange(
  from: InstanceState,
  to: InstanceState | undefined,
): { readonly instance_state?: InstanceState } {
  if (to === undefined) return {};
  const step = judgeInstanceStep(from, to);
  if (step === "illegal") throw illegalTransition("instance", from, to);
  return step === "moves" ? { instance_state: to } : {};
}
