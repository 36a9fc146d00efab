import type { MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Inquiry } from "../../credentials/identifier.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type {
  BatchIdentifyCallersResponse_OutcomeSchema,
  CallerService,
  IdentifyCallerRequest,
} from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { noteQuestion, type Call } from "../call.ts";
import { toFailure, toOutcome } from "../errors.ts";
import type { Reply } from "../reply.ts";
import type { CredentialCall } from "./begin-credential-call.ts";
import { answerInquiry, type Identified } from "./identify-caller.ts";
import type { KnownCallers } from "./known-callers.ts";
import { readInquiry } from "./read-inquiry.ts";

/** The most tokens that one batch may ask about. */
export const maxInquiries = 100;

/** A method that tells who shows tokens. How these are judged, and whether that may take time, is the affair of who serves it. */
export interface CallerMethod<Request, Response> {
  /** The questions of a request, one a token. Fails when there are none or too many. */
  readonly questions: (request: Request) => readonly IdentifyCallerRequest[];
  /** Answers with what became of the questions, in their order. */
  readonly reply: (call: Call, request: Request, found: readonly Identified[]) => Reply<Response>;
}

type Methods = Pick<(typeof CallerService)["method"], "identifyCaller" | "batchIdentifyCallers">;

/** The unary methods of CallerService, by their local names. */
export type CallerMethods = {
  readonly [Name in keyof Methods]: CallerMethod<
    MessageShape<Methods[Name]["input"]>,
    MessageInitShape<Methods[Name]["output"]>
  >;
};

/** The unary methods of CallerService. */
export const callerMethods: CallerMethods = {
  identifyCaller: {
    questions: (request) => [request],
    reply: (call, { wantPermission }, [found]) => {
      if (found === undefined) throw new Error("there is an answer for each question");
      if ("error" in found) return { failure: toFailure(found.error) };
      // Only who was identified is told to the log.
      noteQuestion(call, found.caller, wantPermission);
      return { failure: undefined, response: found.response };
    },
  },
  batchIdentifyCallers: {
    questions: ({ requests }) => {
      if (requests.length > 0 && requests.length <= maxInquiries) return requests;
      throw invalidField("requests", `must hold 1 to ${maxInquiries} requests`);
    },
    reply: (call, _request, found) => {
      call.fault = faultIn(found);
      return { failure: undefined, response: { outcomes: found.map(toOutcomeOf) } };
    },
  },
};

/** Why the first one could not be answered of which that is not the bearer's doing; undefined: there is none. */
function faultIn(found: readonly Identified[]): unknown {
  for (const one of found) {
    if (!("error" in one)) continue;
    const { reason, cause } = toFailure(one.error);
    if (reason === "STORAGE_UNAVAILABLE" || reason === "INTERNAL_FAULT") return cause ?? one.error;
  }
  return undefined;
}

function toOutcomeOf(
  found: Identified,
): MessageInitShape<typeof BatchIdentifyCallersResponse_OutcomeSchema> {
  return "error" in found
    ? { status: toOutcome(toFailure(found.error)) }
    : { status: toOutcome(undefined), response: found.response };
}

/** What a question asks, or what is wrong with it. */
export type Read = Inquiry | DomainError;

/** Reads the questions of a call. */
export function readQuestions(
  { actor }: CredentialCall,
  questions: readonly IdentifyCallerRequest[],
): readonly Read[] {
  return questions.map((question) => {
    try {
      return readInquiry(question, actor.identity);
    } catch (error) {
      if (error instanceof DomainError) return error;
      throw error;
    }
  });
}

/** Those that can be judged. */
export function inquiriesOf(read: readonly Read[]): readonly Inquiry[] {
  return read.filter((one): one is Inquiry => !(one instanceof DomainError));
}

/** What became of the questions, from the verdicts on those that can be judged. */
export function answerQuestions(
  call: CredentialCall,
  known: KnownCallers,
  read: readonly Read[],
  verdicts: readonly Verdict[],
): readonly Identified[] {
  const rest = verdicts.values();
  return read.map((one): Identified => {
    if (one instanceof DomainError) return { error: one };
    const { value } = rest.next();
    if (value === undefined) throw new Error("there is a verdict for each question");
    return answerInquiry(call, known, one, value);
  });
}
