import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { invalidField } from "../../domain/errors.ts";
import { explainCheck } from "../../engine/inspect/explain.ts";
import { readingOf, type Reading } from "../../engine/inspect/reading.ts";
import { countReadable, redactExplanation } from "../../engine/inspect/redact.ts";
import { mayAskOnBehalf } from "../../engine/delegation.ts";
import type {
  ExplainRequest,
  ExplainResponseSchema,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { inspectionOf } from "../../replica/inspection.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { answerContext, toAnswer, type Decided } from "../acl/answer.ts";
import type { AclChecks } from "../acl/checks.ts";
import type { SettleDeps } from "../acl/consistency.ts";
import { callOf, noteQuestion } from "../call.ts";
import { toOutcome } from "../errors.ts";
import { beginInspectCall } from "./begin-inspect-call.ts";
import { explainedCheck, mayAskAsReader, type ExplainedCheck } from "./explained-check.ts";
import { toExplanation } from "./explanation-message.ts";

/** Explain: the answer of the check, and of why what the peer may read. */
export async function explain(
  deps: SettleDeps,
  checks: AclChecks,
  request: ExplainRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof ExplainResponseSchema>> {
  const check = explainedCheck(checks, request);
  if (check !== undefined) noteQuestion(callOf(context.values), check.caller, check.permission);
  const settled = await beginInspectCall(deps, context, request.consistency);
  const { peer, state, current, problem } = settled;
  if (check === undefined) throw problem ?? invalidField("check", "must hold exactly one check");

  const { revisionToken } = state;
  const reading = readingOf(inspectionOf(current), peer.identity);
  const mayAsk = reading.kind === "everything" ? mayAskAsReader : mayAskOnBehalf;
  const decided = check.decide(answerContext(settled, callOf(context.values)), problem, mayAsk);
  const { failure, pools } = toAnswer(decided.decision);
  const explanation = explanationFor(state, check, decided, reading);
  return {
    revisionToken,
    outcome: toOutcome(failure),
    pools: [...pools],
    ...(explanation !== undefined && { explanation: toExplanation(explanation) }),
  };
}

// Who may read nothing costs no more than the check.
function explanationFor(
  state: ReplicaState,
  check: ExplainedCheck,
  { caller, decision }: Decided,
  reading: Reading,
): ReturnType<typeof redactExplanation> {
  if (reading.kind === "nothing") return undefined;
  if (reading.kind === "own_groups" && !decision.permitted) return undefined;
  const question = check.question(caller);
  const explanation = explainCheck(inspectionOf(state), caller, question, countReadable(reading));
  // Checks may be answered by a table (see src/testing): then the engine's reasons are not those of the answer.
  if (explanation.decision.permitted !== decision.permitted) return undefined;
  return redactExplanation(explanation, question, reading);
}
