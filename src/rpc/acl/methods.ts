import type { MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { noteQuestion, type Call } from "../call.ts";
import type { Reply } from "../reply.ts";
import { answerCheck, answerContext, decideCheck } from "./answer.ts";
import { answerItem, validateBatch } from "./batch.ts";
import type { AclCheck } from "./check.ts";
import type { AclChecks } from "./checks.ts";
import type { Settled } from "./consistency.ts";

/** What a method of AclService does with an admitted call. All of it at once: nothing in it waits. */
export interface AclMethod<Request, Response> {
  /** Notes for log and metrics what is asked, before anything can fail. */
  readonly note: (call: Call, request: Request) => void;
  /** Answers once the state is settled. A failure may be thrown as well. */
  readonly reply: (call: Call, request: Request, settled: Settled) => Reply<Response>;
}

type Methods = (typeof AclService)["method"];

/** All methods of AclService, by their local names. */
export type AclMethods = {
  readonly [Name in keyof Methods]: AclMethod<
    MessageShape<Methods[Name]["input"]>,
    MessageInitShape<Methods[Name]["output"]>
  >;
};

/** How fresh the state must be that answers a request; every request of AclService says so. */
export interface AclRequest {
  readonly consistency?: Consistency | undefined;
}

/** The methods of AclService over the kinds of checks. */
export function aclMethods(checks: AclChecks): AclMethods {
  return {
    checkServerPerm: single(checks.server),
    checkPoolPerm: single(checks.pool),
    checkAllPoolsPerm: single(checks.allPools),
    checkAnyPoolsPerm: single(checks.anyPools),
    filterPoolsByPerm: filter(checks.filterPools),
    checkTaskPerm: single(checks.task),
    checkBotPerm: single(checks.bot),
    checkCreateInRealm: single(checks.createInRealm),
    checkActAs: single(checks.actAs),
    batchCheck: {
      note: () => {},
      reply: (call, request, settled) => {
        if (settled.problem !== undefined) return { failure: settled.problem };
        validateBatch(request);
        const onFault = (cause: unknown): void => void (call.fault = cause);
        const from = answerContext(settled, call);
        const outcomes = request.checks.map((item) => answerItem(checks, item, from, onFault));
        const { revisionToken } = settled.state;
        return { failure: undefined, response: { revisionToken, outcomes } };
      },
    },
    batchCheckPacked: packed(checks),
  };
}

function single<Request>(
  check: AclCheck<Request>,
): AclMethod<Request, { readonly revisionToken: string }> {
  return {
    note: noteOf(check),
    reply: (call, request, settled) => {
      const { failure } = answerOne(check, call, request, settled);
      if (failure !== undefined) return { failure };
      return { failure, response: { revisionToken: settled.state.revisionToken } };
    },
  };
}

function filter<Request>(
  check: AclCheck<Request>,
): AclMethod<Request, { readonly revisionToken: string; readonly pools: string[] }> {
  return {
    note: noteOf(check),
    reply: (call, request, settled) => {
      const { failure, pools } = answerOne(check, call, request, settled);
      if (failure !== undefined) return { failure };
      const { revisionToken } = settled.state;
      return { failure, response: { revisionToken, pools: [...pools] } };
    },
  };
}

function packed({ packed: check }: AclChecks): AclMethods["batchCheckPacked"] {
  return {
    note: (call, { caller, permission }) => {
      noteQuestion(call, caller, permission);
    },
    reply: (call, request, settled) => {
      if (call.caller === "") call.caller = settled.peer.identity;
      const { decision } = decideCheck(
        check,
        request,
        answerContext(settled, call),
        settled.problem,
      );
      const { revisionToken } = settled.state;
      return { failure: undefined, response: { revisionToken, ...decision } };
    },
  };
}

function noteOf<Request>(check: AclCheck<Request>): (call: Call, request: Request) => void {
  return (call, request) =>
    noteQuestion(call, check.caller(request).identity, check.permission(request));
}

function answerOne<Request>(
  check: AclCheck<Request>,
  call: Call,
  request: Request,
  settled: Settled,
): ReturnType<typeof answerCheck> {
  if (call.caller === "") call.caller = settled.peer.identity;
  return answerCheck(check, request, answerContext(settled, call), settled.problem);
}
