import type { DescService } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { Call } from "./call.ts";
import { toAclFailure, toConnectError, toFailure, type Failure } from "./errors.ts";

/**
 * The error that a call of a service ends with, from whatever was thrown; remembered in the call. An error
 * that is one of Connect already, such as a passed deadline, stays as it is.
 */
export function failCall(call: Call, service: DescService, error: unknown): ConnectError {
  const failed = error instanceof ConnectError ? error : toConnectError(failureIn(service, error));
  call.error = failed;
  return failed;
}

/** What a thrown value comes to in a method of a service. */
export function failureIn({ typeName }: DescService, error: unknown): Failure {
  return typeName === AclService.typeName ? toAclFailure(error) : toFailure(error);
}
