import type { MessageInitShape } from "@bufbuild/protobuf";
import { invalidField } from "../../domain/errors.ts";
import type {
  BatchCheckRequest,
  BatchCheckRequest_Check,
  BatchCheckResponse_OutcomeSchema,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { toOutcome } from "../errors.ts";
import { answerCheck, type Answer, type AnswerContext } from "./answer.ts";
import type { AclCheck } from "./check.ts";
import type { AclChecks } from "./checks.ts";

/** The most checks that one batch may hold. */
export const maxChecks = 1000;

/** Throws INVALID_FIELD for a batch without checks or with too many. */
export function validateBatch({ checks }: BatchCheckRequest): void {
  if (checks.length === 0 || checks.length > maxChecks) {
    throw invalidField("checks", `must hold 1 to ${maxChecks} checks`);
  }
}

/**
 * What one check of a batch came to: what the single call would answer. `onFault` is told why when the check
 * could not be made: the answer must not say it.
 */
export function answerItem(
  checks: AclChecks,
  { check }: BatchCheckRequest_Check,
  context: AnswerContext,
  onFault: (cause: unknown) => void,
): MessageInitShape<typeof BatchCheckResponse_OutcomeSchema> {
  const { failure, pools } = answerOne(checks, check, context);
  if (failure?.cause !== undefined) onFault(failure.cause);
  return { status: toOutcome(failure), pools: [...pools] };
}

function answerOne(
  checks: AclChecks,
  check: BatchCheckRequest_Check["check"],
  context: AnswerContext,
): Answer {
  switch (check.case) {
    case "server":
      return answer(checks.server, check.value, context);
    case "pool":
      return answer(checks.pool, check.value, context);
    case "allPools":
      return answer(checks.allPools, check.value, context);
    case "anyPools":
      return answer(checks.anyPools, check.value, context);
    case "filterPools":
      return answer(checks.filterPools, check.value, context);
    case "task":
      return answer(checks.task, check.value, context);
    case "bot":
      return answer(checks.bot, check.value, context);
    case "createInRealm":
      return answer(checks.createInRealm, check.value, context);
    case "actAs":
      return answer(checks.actAs, check.value, context);
    default:
      return noCheck(check);
  }
}

function answer<Request extends { readonly consistency?: Consistency | undefined }>(
  check: AclCheck<Request>,
  request: Request,
  context: AnswerContext,
): Answer {
  const problem =
    request.consistency === undefined
      ? undefined
      : invalidField("consistency", "must be absent in a batch, which has one for all checks");
  return answerCheck(check, request, context, problem);
}

function noCheck(_check: { readonly case: undefined }): Answer {
  return { failure: invalidField("check", "must hold exactly one check"), pools: [] };
}
