import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { Inquiry } from "../../credentials/identifier.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type {
  BatchIdentifyCallersResponse_OutcomeSchema,
  CallerService,
  IdentifyCallerRequest,
} from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { callOf, noteQuestion } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import { toFailure, toOutcome } from "../errors.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { answerInquiry, type Identified } from "./identify-caller.ts";
import { judgeInquiries } from "./judge-inquiries.ts";
import { readInquiry } from "./read-inquiry.ts";
import { watchRevocations } from "./watch-revocations.ts";
import { createWatchSlots } from "./watch-slots.ts";

/** The most tokens that one batch may ask about. */
export const maxInquiries = 100;

/** The implementation of CallerService. */
export function callerRoutes(deps: RpcDeps): ServiceImpl<typeof CallerService> {
  const takeSlot = createWatchSlots();
  return {
    watchRevocations: ({ cursor }, context) => watchRevocations(deps, takeSlot, cursor, context),
    identifyCaller: async (request, context) => {
      const [found] = await identifyAll(deps, context, [request]);
      if (found === undefined) throw new Error("there is an answer for each question");
      if ("error" in found) throw found.error;
      // Only who was identified is told to the log.
      noteQuestion(callOf(context.values), found.caller, request.wantPermission);
      return found.response;
    },
    batchIdentifyCallers: async ({ requests }, context) => {
      if (requests.length === 0 || requests.length > maxInquiries) {
        beginCredentialCall(deps, context);
        throw invalidField("requests", `must hold 1 to ${maxInquiries} requests`);
      }
      const found = await identifyAll(deps, context, requests);
      return { outcomes: found.map(toOutcomeOf) };
    },
  };
}

async function identifyAll(
  deps: RpcDeps,
  context: HandlerContext,
  requests: readonly IdentifyCallerRequest[],
): Promise<readonly Identified[]> {
  const first = beginCredentialCall(deps, context);
  const asked = requests.map((request) => inquiryOrError(request, first.actor.identity));
  const inquiries = asked.filter((one): one is Inquiry => !(one instanceof DomainError));
  const { call, verdicts } = await judgeInquiries(deps, context, first, inquiries);
  const rest = verdicts.values();
  return asked.map((one): Identified => {
    if (one instanceof DomainError) return { error: one };
    const { value } = rest.next();
    if (value === undefined) throw new Error("there is a verdict for each question");
    return answerInquiry(call, one, value);
  });
}

function inquiryOrError(
  request: IdentifyCallerRequest,
  peer: Parameters<typeof readInquiry>[1],
): Inquiry | DomainError {
  try {
    return readInquiry(request, peer);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

function toOutcomeOf(
  found: Identified,
): MessageInitShape<typeof BatchIdentifyCallersResponse_OutcomeSchema> {
  return "error" in found
    ? { status: toOutcome(toFailure(found.error)) }
    : { status: toOutcome(undefined), response: found.response };
}
