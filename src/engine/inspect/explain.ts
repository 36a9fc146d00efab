import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { isSameList } from "../../domain/same-list.ts";
import { createContext } from "./context.ts";
import { decide, type Answer } from "./decide.ts";
import type { Explanation, Step } from "./explanation.ts";
import { smallestGrants } from "./grants.ts";
import type { Inspection } from "./inspection.ts";
import { planOf, type Plan } from "./plan.ts";
import type { CheckQuestion } from "./question.ts";
import { createRealmLookUp } from "./realm-answer.ts";
import { outcomeOf, poolsLeft, takeSteps, type CountTold } from "./steps.ts";

/**
 * Says why a check about a caller is answered as it is. The answer is that of the checkers, and INVALID_FIELD
 * is thrown as they do; the steps are found another way, from what the snapshot was made of. Throws
 * INTERNAL_FAULT when the two do not agree: no explanation is better than a wrong one. Throws LIMIT_EXCEEDED when
 * the steps hold more than maxMemberships together; `countTold` says how many of a witness count, for those who
 * are told only a part: such a refusal must not tell them about the rest.
 */
export function explainCheck(
  inspection: Inspection,
  caller: Identity,
  question: CheckQuestion,
  countTold: CountTold = (memberships) => memberships.length,
): Explanation {
  const answer = decide(inspection.snapshot, caller, question);
  const context = createContext(inspection, caller);
  const plan = planOf(inspection.snapshot, question);
  const lookUp = createRealmLookUp(context);
  const steps = takeSteps(context, plan, lookUp, countTold);
  if (!agrees(answer, plan, steps)) {
    throw new DomainError("INTERNAL_FAULT", "the steps of an explanation disagree with the check");
  }
  return {
    decision: answer.decision,
    pools: answer.pools,
    revision: inspection.snapshot.revision,
    steps,
    grants: answer.decision.permitted ? [] : smallestGrants(context, plan, lookUp),
  };
}

function agrees({ decision, pools }: Answer, plan: Plan, steps: readonly Step[]): boolean {
  return decision.permitted === outcomeOf(plan, steps) && isSameList(poolsLeft(plan, steps), pools);
}
