import { invalidField, type DomainError } from "../../domain/errors.ts";
import { identityKind, type Identity } from "../../domain/identity.ts";
import type { mayAskOnBehalf } from "../../engine/delegation.ts";
import type { CheckQuestion } from "../../engine/inspect/question.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import type { ExplainRequest } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { decideCheck, type AnswerContext, type Decided } from "../acl/answer.ts";
import type { AclCheck } from "../acl/check.ts";
import type { AclChecks } from "../acl/checks.ts";

/** A check of whatever kind that is to be explained. */
export interface ExplainedCheck {
  /** What the request says about whose permission is checked; "" for the peer. For the log. */
  readonly caller: string;
  readonly permission: string;
  /** Decides it as AclService does, in the same order; `problem` is wrong with the request around it. */
  readonly decide: (
    context: AnswerContext,
    problem: DomainError | undefined,
    mayAsk: typeof mayAskOnBehalf,
  ) => Decided;
  /** The question to the engine; of a check that was decided. */
  readonly question: (caller: Identity) => CheckQuestion;
}

/** Whom readers may ask about: everybody but tasks, which prove themselves. */
export const mayAskAsReader: typeof mayAskOnBehalf = (_snapshot, _peer, caller) =>
  identityKind(caller) !== "task";

/** The check of a request; undefined when there is none. */
export function explainedCheck(
  checks: AclChecks,
  { check }: ExplainRequest,
): ExplainedCheck | undefined {
  switch (check.case) {
    case "server":
      return bind(checks.server, check.value, ({ permission }) => ({
        check: "server",
        permission,
      }));
    case "pool":
      return bind(checks.pool, check.value, ({ permission, pool }) => ({
        check: "pool",
        permission,
        pool,
      }));
    case "allPools":
      return bind(checks.allPools, check.value, severalPools("all_pools"));
    case "anyPools":
      return bind(checks.anyPools, check.value, severalPools("any_pools"));
    case "filterPools":
      return bind(checks.filterPools, check.value, severalPools("filter_pools"));
    case "task":
      return bind(checks.task, check.value, ({ permission, task = noTask }) => ({
        check: "task",
        permission,
        task,
      }));
    case "bot":
      return bind(checks.bot, check.value, ({ permission, botId }) => ({
        check: "bot",
        permission,
        botId,
      }));
    case "createInRealm":
      return bind(checks.createInRealm, check.value, ({ realm }) => ({
        check: "create_in_realm",
        realm,
      }));
    case "actAs":
      return bind(checks.actAs, check.value, ({ realm }, account) => ({
        check: "act_as",
        serviceAccount: account.slice("user:".length),
        realm,
      }));
    default:
      return noCheck(check);
  }
}

// A task that is missing is refused before its question is asked for.
const noTask = { taskId: "", realm: "", pool: "", botId: "", submitter: "" };

function severalPools(check: "all_pools" | "any_pools" | "filter_pools") {
  return (request: {
    readonly permission: string;
    readonly pools: readonly string[];
  }): CheckQuestion => ({ check, permission: request.permission, pools: request.pools });
}

function bind<Request extends { readonly consistency?: Consistency | undefined }>(
  check: AclCheck<Request>,
  request: Request,
  toQuestion: (request: Request, caller: Identity) => CheckQuestion,
): ExplainedCheck {
  return {
    caller: check.caller(request).identity,
    permission: check.permission(request),
    decide: (context, problem, mayAsk) =>
      decideCheck(check, request, context, problem ?? ownConsistency(request), mayAsk),
    question: (caller) => toQuestion(request, caller),
  };
}

function ownConsistency({
  consistency,
}: {
  readonly consistency?: Consistency | undefined;
}): DomainError | undefined {
  if (consistency === undefined) return undefined;
  return invalidField("consistency", "must be absent in the check; the request has its own");
}

function noCheck(_check: { readonly case: undefined }): undefined {
  return undefined;
}
