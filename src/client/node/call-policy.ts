import type { DescMethod } from "@bufbuild/protobuf";
import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { InspectService } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";

/** The methods outside AclService and InspectService that only read. Any other one writes. */
const reads: ReadonlySet<string> = new Set([
  "fleetgate.admin.v1.ConfigService.Validate",
  "fleetgate.admin.v1.ConfigService.Get",
  "fleetgate.admin.v1.ConfigService.Export",
  "fleetgate.admin.v1.ApiKeyService.List",
  "fleetgate.admin.v1.GroupService.GetGroup",
  "fleetgate.admin.v1.GroupService.ListGroups",
  "fleetgate.admin.v1.GroupService.ListMembers",
  "fleetgate.admin.v1.ChangeService.ListChanges",
  "fleetgate.admin.v1.ChangeService.GetChange",
  "fleetgate.admin.v1.ChangeService.VerifyChanges",
]);

/** Whether the method is a question that is answered from memory, in a moment. */
export function isQuick(method: DescMethod): boolean {
  const { typeName } = method.parent;
  return typeName === AclService.typeName || typeName === InspectService.typeName;
}

/** Whether the method changes nothing. */
export function isRead(method: DescMethod): boolean {
  return isQuick(method) || reads.has(`${method.parent.typeName}.${method.name}`);
}

/** Whether the call may be made again when nobody knows what became of it. What is streamed is gone by then. */
export function isRepeatable(method: DescMethod, request: object): boolean {
  if (isRead(method)) return true;
  if (method.methodKind !== "unary") return false;
  return (
    "requestId" in request && typeof request.requestId === "string" && request.requestId !== ""
  );
}

/**
 * Whether the answer may come compressed. Those of AclService are small, or wanted sooner than a server can
 * compress them.
 */
export function wantsCompression(method: DescMethod): boolean {
  return method.parent.typeName !== AclService.typeName;
}
