import { CallerService } from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import type { AnswerAtOnce, ServiceAtOnce } from "../fast/fast-methods.ts";
import { goOn } from "./begin-credential-call.ts";
import {
  answerQuestions,
  callerMethods,
  inquiriesOf,
  readQuestions,
  type CallerMethod,
} from "./caller-methods.ts";
import { isStrict } from "./judge-inquiries.ts";
import type { KnownCallers } from "./known-callers.ts";

/** The unary methods of CallerService about tokens of which memory tells all. */
export function callersAtOnce(deps: RpcDeps, known: KnownCallers): ServiceAtOnce {
  const answers = Object.entries(callerMethods).map(([name, method]) => {
    return [name, atOnce(deps, known, method as CallerMethod<object, object>)] as const;
  });
  return { service: CallerService, answers: new Map(answers) };
}

function atOnce(
  deps: RpcDeps,
  known: KnownCallers,
  { questions, reply }: CallerMethod<object, object>,
): AnswerAtOnce {
  return (call, request) => {
    const now = goOn(deps, call);
    const read = readQuestions(now, questions(request));
    const inquiries = inquiriesOf(read);
    if (inquiries.some(isStrict)) return undefined;
    const verdicts = now.area.identifier.identifyAllNow(inquiries, now.snapshot);
    if (verdicts === undefined) return undefined;
    return reply(call, request, answerQuestions(now, known, read, verdicts));
  };
}
