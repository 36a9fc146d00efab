import type { Explanation, Step } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { Step_Result } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import type { CheckInput } from "../check/question.ts";
import { formatGrant } from "./format-grant.ts";
import { formatPlace, formatResult } from "./format-step.ts";
import { formatWitness } from "./format-witness.ts";

/** What was asked, and what it came to. */
export interface Answered {
  readonly check: CheckInput;
  readonly outcome?: { readonly code: number } | undefined;
}

/** The lines that say why: after an allow how it comes about, after a denial each step and what would allow. */
export function formatExplanation(explanation: Explanation, answered: Answered): readonly string[] {
  const { steps, grants } = explanation;
  const { check, outcome } = answered;
  const permitted = steps.filter(({ result }) => result === Step_Result.PERMITTED);
  const [only, ...more] = permitted;
  // One step that says yes is all that an allow needs, but for a filter, which says yes whatever was left.
  if (
    outcome?.code === 0 &&
    check.case !== "filterPools" &&
    only !== undefined &&
    more.length === 0
  ) {
    return formatWitness(only, callerOf(check), "  ");
  }
  const lines = ["why:", ...steps.flatMap((step) => formatStep(step, check))];
  if (grants.length === 0) return lines;
  return [
    ...lines,
    "any one of these would allow:",
    ...grants.map((grant) => `  ${formatGrant(grant)}`),
  ];
}

function formatStep(step: Step, check: CheckInput): readonly string[] {
  const head = `  ${formatPlace(step)}: ${formatResult(step)}`;
  if (step.witness === undefined) return [head];
  return [head, ...formatWitness(step, callerOf(check), "    ")];
}

/** Who it is about, as far as the command line says. */
function callerOf({ case: kind, value }: CheckInput): string {
  if (kind === "actAs") return `user:${value.serviceAccount}`;
  return value.caller === "" ? "you" : value.caller;
}
