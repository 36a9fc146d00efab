import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { aclAtOnce } from "./acl/at-once.ts";
import { aclChecks, type AclChecks } from "./acl/checks.ts";
import { aclMethods } from "./acl/methods.ts";
import { adminOperations, type AdminOperations } from "./admin/operations.ts";
import { readAuthorization, readBearer } from "./admission/authorization.ts";
import { resolveBearer } from "./admission/gate.ts";
import { mayWriteGroups } from "./admission/may-write-groups.ts";
import { beginCall } from "./begin-call.ts";
import type { Call } from "./call.ts";
import { callersAtOnce } from "./credential/at-once.ts";
import { createKnownCallers } from "./credential/known-callers.ts";
import type { RpcDeps } from "./deps.ts";
import { failCall } from "./fail-call.ts";
import { createFastMethods } from "./fast/fast-methods.ts";
import { createFastPath, type FastPath, type ServeStock } from "./fast/fast-path.ts";
import { recordOf } from "./record.ts";
import { createHandlers, type MethodHandler } from "./router.ts";
import { errorResponse, protocolOf } from "./transport/error-response.ts";
import { readBody } from "./transport/read-body.ts";
import { sendAnswer } from "./transport/send.ts";
import {
  toUniversalRequest,
  type ServerRequest,
  type ServerResponseOf,
} from "./transport/server-request.ts";

export type { CallRecord } from "./call.ts";
export { letRestFlow } from "./transport/let-rest-flow.ts";
export { noPeerIdentity } from "./deps.ts";
export type { PeerIdentity, PublicService, RpcDeps, RpcOptions } from "./deps.ts";
export type { FastPath, TakeStream } from "./fast/fast-path.ts";

/** Answers requests of HTTP/1.1 and HTTP/2. Never throws. */
export type RpcHandler = (request: ServerRequest, response: ServerResponseOf) => void;

/** All our services, for the listeners of a server. */
export interface RpcServer {
  /** Answers any request. */
  readonly handle: RpcHandler;
  /** Answers the calls of HTTP/2 that it takes, and the same as `handle`, at a fraction of the cost. */
  readonly fastPath: FastPath;
}

/** The handler of createRpcServer alone. */
export function createRpcHandler(
  deps: RpcDeps,
  operations: AdminOperations = adminOperations,
  checks: AclChecks = aclChecks,
): RpcHandler {
  return createRpcServer(deps, operations, checks).handle;
}

/**
 * Creates the handler of all our services over gRPC, gRPC-Web and Connect. `operations` is what the admin
 * methods carry out, `checks` what those of AclService do.
 */
export function createRpcServer(
  deps: RpcDeps,
  operations: AdminOperations = adminOperations,
  checks: AclChecks = aclChecks,
): RpcServer {
  const methods = aclMethods(checks);
  const known = createKnownCallers();
  const handlers = createHandlers(deps, operations, checks, methods, known);
  const services = [aclAtOnce(deps, methods), callersAtOnce(deps, known)];
  const serveStock: ServeStock = (exchange, { request, response }, failed) => {
    const { call, head, startedAt } = exchange;
    const answered = handled(call, head.method.stock, request, failed);
    finish(deps, call, answered, response, startedAt);
  };
  return {
    handle: (request, response) => {
      const startedAt = performance.now();
      const path = request.url?.split("?", 1)[0] ?? "";
      const method = path.slice(1);
      const handler = path.startsWith("/") ? handlers.get(method) : undefined;
      const name = handler === undefined ? "unknown" : method;
      const protocol = protocolOf(request.headers["content-type"] ?? "");
      const bearer = readBearer(readAuthorization(request.rawHeaders));
      const call = beginCall(deps, name, protocol, request, bearer);
      finish(deps, call, answer(deps, call, handler, request, response), response, startedAt);
    },
    fastPath: createFastPath(deps, createFastMethods(services, handlers), serveStock),
  };
}

/** Sends the answer of a call when there is one, and tells of the call when it is over. */
function finish(
  deps: RpcDeps,
  call: Call,
  answered: Promise<UniversalServerResponse>,
  response: ServerResponseOf,
  startedAt: number,
): void {
  let ended = false;
  const end = (error?: unknown): void => {
    if (ended) return;
    ended = true;
    if (error !== undefined) call.error ??= interrupted(error);
    tell(deps, call, performance.now() - startedAt, response.statusCode);
  };
  answered.then(
    (answer) => {
      sendAnswer(call, answer, response, end);
    },
    (error: unknown) => {
      end(error);
      response.destroy();
    },
  );
}

async function handled(
  call: Call,
  { handle }: MethodHandler,
  request: UniversalServerRequest,
  failed?: { readonly thrown: unknown },
): Promise<UniversalServerResponse> {
  try {
    if (failed !== undefined) throw failed.thrown;
    return await handle(request);
  } catch (cause) {
    return errorResponse(call.protocol, failCall(call, handle.service, cause));
  }
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
    const resolving = resolveBearer(deps, call);
    if (resolving !== undefined) await resolving;
    const { forStrangers } = handler;
    if (forStrangers === undefined || mayWriteGroups(deps, call)) {
      return await handled(call, handler, universal);
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
