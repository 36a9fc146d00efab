import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { callOf } from "../call.ts";
import { toConnectError } from "../errors.ts";
import { settle, type SettleDeps } from "./consistency.ts";
import type { AclMethod, AclMethods, AclRequest } from "./methods.ts";

/** The implementation of AclService for Connect's handlers: every method settles on a state, waiting if it must. */
export function aclRoutes(deps: SettleDeps, methods: AclMethods): ServiceImpl<typeof AclService> {
  const routes: Record<string, unknown> = {};
  for (const { localName } of AclService.methods) {
    // The table has a row for each method, of the types that the method wants.
    routes[localName] = route(deps, methods[localName as keyof AclMethods] as never);
  }
  return routes as ServiceImpl<typeof AclService>;
}

function route(deps: SettleDeps, { note, reply }: AclMethod<AclRequest, unknown>) {
  return async (request: AclRequest, context: HandlerContext): Promise<unknown> => {
    const call = callOf(context.values);
    note(call, request);
    const settled = await settle(deps, call, request.consistency, context.signal);
    const answer = reply(call, request, settled);
    if (answer.failure !== undefined) throw toConnectError(answer.failure);
    return answer.response;
  };
}
