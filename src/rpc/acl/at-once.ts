import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { AnswerAtOnce, ServiceAtOnce } from "../fast/fast-methods.ts";
import { settleNow, type SettleDeps } from "./consistency.ts";
import type { AclMethod, AclMethods, AclRequest } from "./methods.ts";

/** The methods of AclService on the state at hand. */
export function aclAtOnce(deps: SettleDeps, methods: AclMethods): ServiceAtOnce {
  const answers = Object.entries(methods).map(([name, method]) => {
    return [name, atOnce(deps, method as AclMethod<AclRequest, object>)] as const;
  });
  return { service: AclService, answers: new Map(answers) };
}

function atOnce(deps: SettleDeps, { note, reply }: AclMethod<AclRequest, object>): AnswerAtOnce {
  return (call, request: AclRequest) => {
    note(call, request);
    const settled = settleNow(deps, call, request.consistency);
    return settled === undefined ? undefined : reply(call, request, settled);
  };
}
