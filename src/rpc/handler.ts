import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { aclChecks, type AclChecks } from "./acl/checks.ts";
import { adminOperations, type AdminOperations } from "./admin/operations.ts";
import type { Proof } from "./admission/authenticate.ts";
import { readAuthorization, readBearer } from "./admission/authorization.ts";
import { resolveJwt } from "./admission/gate.ts";
import { mayWriteGroups } from "./admission/may-write-groups.ts";
import { pinState, type Call } from "./call.ts";
import { noPeerIdentity, type RpcDeps } from "./deps.ts";
import { failCall } from "./fail-call.ts";
import { recordOf } from "./record.ts";
import { createHandlers, type MethodHandler } from "./router.ts";
import { errorResponse, protocolOf } from "./transport/error-response.ts";
import { readBody } from "./transport/read-body.ts";
import { sendAnswer } from "./transport/send.ts";
import {
  connectionOf,
  toUniversalRequest,
  type ServerRequest,
  type ServerResponseOf,
} from "./transport/server-request.ts";

export type { CallRecord } from "./call.ts";
export { noPeerIdentity } from "./deps.ts";
export type { PeerIdentity, PublicService, RpcDeps, RpcOptions } from "./deps.ts";

/** Answers requests of HTTP/1.1 and HTTP/2. Never throws. */
export type RpcHandler = (request: ServerRequest, response: ServerResponseOf) => void;

/**
 * Creates the handler of all our services over gRPC, gRPC-Web and Connect. `operations` is what the admin
 * methods carry out, `checks` what those of AclService do.
 */
export function createRpcHandler(
  deps: RpcDeps,
  operations: AdminOperations = adminOperations,
  checks: AclChecks = aclChecks,
): RpcHandler {
  const handlers = createHandlers(deps, operations, checks);
  return (request, response) => {
    const startedAt = performance.now();
    const path = request.url?.split("?", 1)[0] ?? "";
    const method = path.slice(1);
    const handler = path.startsWith("/") ? handlers.get(method) : undefined;
    const call = beginCall(deps, request, handler === undefined ? "unknown" : method);
    let ended = false;
    const end = (error?: unknown): void => {
      if (ended) return;
      ended = true;
      if (error !== undefined) call.error ??= interrupted(error);
      tell(deps, call, performance.now() - startedAt, response.statusCode);
    };
    answer(deps, call, handler, request, response).then(
      (answered) => {
        sendAnswer(call, answered, response, end);
      },
      (error: unknown) => {
        end(error);
        response.destroy();
      },
    );
  };
}

function beginCall(deps: RpcDeps, request: ServerRequest, method: string): Call {
  const call: Call = {
    method,
    protocol: protocolOf(request.headers["content-type"] ?? ""),
    requestId: deps.newRequestId(),
    connection: connectionOf(request),
    proof: readProof(deps, request),
    state: undefined,
    revisionToken: "",
    snapshotAgeMs: undefined,
    peer: undefined,
    caller: "",
    permission: "",
    error: undefined,
    fault: undefined,
  };
  pinState(call, deps.replica.current());
  return call;
}

function readProof({ identity = noPeerIdentity }: RpcDeps, request: ServerRequest): Proof {
  return {
    bearer: readBearer(readAuthorization(request.rawHeaders)),
    certificate: identity.certificateOf(request),
  };
}

async function answer(
  deps: RpcDeps,
  call: Call,
  handler: MethodHandler | undefined,
  request: ServerRequest,
  response: ServerResponseOf,
): Promise<UniversalServerResponse> {
  if (handler === undefined) {
    call.error = new ConnectError("there is no such method", Code.Unimplemented);
    return errorResponse(call.protocol, call.error, 404);
  }
  try {
    // Made at once: later it could miss that the peer goes away.
    const universal = toUniversalRequest(request, response, call, handler.maxBytes);
    const resolving = resolveJwt(deps, call);
    if (resolving !== undefined) await resolving;
    const { forStrangers } = handler;
    if (forStrangers === undefined || mayWriteGroups(deps, call)) {
      return await handler.handle(universal);
    }
    const body = readBody(request, forStrangers.maxBytes);
    return await forStrangers.handle({ ...universal, body });
  } catch (cause) {
    return errorResponse(call.protocol, failCall(call, handler.handle.service, cause));
  }
}

function interrupted(cause: unknown): ConnectError {
  return new ConnectError("the answer was cut off", Code.Canceled, undefined, undefined, cause);
}

function tell(deps: RpcDeps, call: Call, ms: number, httpStatus: number): void {
  try {
    deps.onCall(recordOf(call, ms, httpStatus));
  } catch {
    // Whoever watches calls must not end the process that answers them.
  }
}
