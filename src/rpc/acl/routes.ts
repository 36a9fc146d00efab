import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { callOf, noteQuestion } from "../call.ts";
import { toConnectError } from "../errors.ts";
import { answerCheck, answerContext } from "./answer.ts";
import { answerItem, validateBatch } from "./batch.ts";
import type { AclCheck } from "./check.ts";
import type { AclChecks } from "./checks.ts";
import { settle, type SettleDeps } from "./consistency.ts";

type AnyCheckRequest = { readonly consistency?: Consistency | undefined };

interface SingleResponse {
  readonly revisionToken: string;
}

/** The implementation of AclService. */
export function aclRoutes(deps: SettleDeps, checks: AclChecks): ServiceImpl<typeof AclService> {
  // What every single call does: settle on a snapshot, answer from it, and say which one it was.
  async function run<Request extends AnyCheckRequest>(
    check: AclCheck<Request>,
    request: Request,
    context: HandlerContext,
  ): Promise<{ readonly revisionToken: string; readonly pools: string[] }> {
    const call = callOf(context.values);
    noteQuestion(call, check.caller(request).identity, check.question(request).permission);
    const settled = await settle(deps, call, request.consistency, context.signal);
    const { peer, state, problem } = settled;
    if (call.caller === "") call.caller = peer.identity;
    const from = answerContext(settled);
    const { failure, pools } = answerCheck(check, request, from, problem);
    if (failure !== undefined) throw toConnectError(failure);
    return { revisionToken: state.revisionToken, pools: [...pools] };
  }

  function single<Request extends AnyCheckRequest>(check: AclCheck<Request>) {
    return async (request: Request, context: HandlerContext): Promise<SingleResponse> => {
      const { revisionToken } = await run(check, request, context);
      return { revisionToken };
    };
  }

  return {
    checkServerPerm: single(checks.server),
    checkPoolPerm: single(checks.pool),
    checkAllPoolsPerm: single(checks.allPools),
    checkAnyPoolsPerm: single(checks.anyPools),
    filterPoolsByPerm: (request, context) => run(checks.filterPools, request, context),
    checkTaskPerm: single(checks.task),
    checkBotPerm: single(checks.bot),
    checkCreateInRealm: single(checks.createInRealm),
    checkActAs: single(checks.actAs),
    batchCheck: async (request, context) => {
      const call = callOf(context.values);
      const { consistency } = request;
      const settled = await settle(deps, call, consistency, context.signal);
      const { state, problem } = settled;
      if (problem !== undefined) throw problem;
      validateBatch(request);
      const onFault = (cause: unknown): void => void (call.fault = cause);
      const from = answerContext(settled);
      return {
        revisionToken: state.revisionToken,
        outcomes: request.checks.map((item) => answerItem(checks, item, from, onFault)),
      };
    },
  };
}
