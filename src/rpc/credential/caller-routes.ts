import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { CallerService } from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { callOf } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import { toConnectError } from "../errors.ts";
import { goOn } from "./begin-credential-call.ts";
import {
  answerQuestions,
  callerMethods,
  inquiriesOf,
  readQuestions,
  type CallerMethod,
} from "./caller-methods.ts";
import { judgeInquiries } from "./judge-inquiries.ts";
import type { KnownCallers } from "./known-callers.ts";
import { watchRevocations } from "./watch-revocations.ts";
import { createWatchSlots } from "./watch-slots.ts";

/** The implementation of CallerService for Connect's handlers, which wait for the database where they must. */
export function callerRoutes(
  deps: RpcDeps,
  known: KnownCallers,
): ServiceImpl<typeof CallerService> {
  const takeSlot = createWatchSlots();
  const { identifyCaller, batchIdentifyCallers } = callerMethods;
  return {
    watchRevocations: ({ cursor }, context) => watchRevocations(deps, takeSlot, cursor, context),
    identifyCaller: route(deps, known, identifyCaller),
    batchIdentifyCallers: route(deps, known, batchIdentifyCallers),
  };
}

function route<Request, Response>(
  deps: RpcDeps,
  known: KnownCallers,
  { questions, reply }: CallerMethod<Request, Response>,
) {
  return async (request: Request, context: HandlerContext): Promise<Response> => {
    const call = callOf(context.values);
    const first = goOn(deps, call);
    const read = readQuestions(first, questions(request));
    const judged = await judgeInquiries(deps, context, first, inquiriesOf(read));
    const found = answerQuestions(judged.call, known, read, judged.verdicts);
    const answer = reply(call, request, found);
    if (answer.failure !== undefined) throw toConnectError(answer.failure);
    return answer.response;
  };
}
