import type { DescMethod } from "@bufbuild/protobuf";
import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CallerService } from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { UrlService } from "../../gen/fleetgate/credential/v1/url_service_pb.ts";
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
  "fleetgate.credential.v1.CallerService.IdentifyCaller",
  "fleetgate.credential.v1.CallerService.BatchIdentifyCallers",
  "fleetgate.credential.v1.UrlService.SignUrl",
  "fleetgate.credential.v1.UrlService.VerifyUrl",
  "fleetgate.credential.v1.BotService.GetBot",
  "fleetgate.credential.v1.BotService.ListBots",
  "fleetgate.credential.v1.TaskService.GetTask",
  "fleetgate.credential.v1.ClaimService.GetClaim",
  "fleetgate.credential.v1.ClaimService.ListClaims",
  "fleetgate.credential.v1.RunnerService.GetRunner",
  "fleetgate.credential.v1.RunnerService.ListRunners",
  "fleetgate.credential.v1.RunnerService.ListManagers",
  "fleetgate.credential.v1.CredentialService.GetCredential",
  "fleetgate.credential.v1.CredentialService.ListCredentials",
  "fleetgate.credential.v1.CredentialService.ListAuditEvents",
  "fleetgate.credential.v1.KeyService.ListKeys",
  "fleetgate.credential.v1.GateService.ListGates",
]);

/**
 * The writes whose contract says that they are safe to repeat, and the field that must name what they are about; "": none. What
 * mints a secret is among them only when the field makes the server answer the same, or kill what it gave before.
 */
const repeatableWrites: ReadonlyMap<string, string> = new Map([
  ["fleetgate.credential.v1.BotService.CreateBot", "uid"],
  ["fleetgate.credential.v1.BotService.DeleteBot", "uid"],
  ["fleetgate.credential.v1.SessionService.TakeOverSession", "nonce"],
  ["fleetgate.credential.v1.TaskService.RegisterTask", "holdId"],
  ["fleetgate.credential.v1.TaskService.RenewHolds", ""],
  ["fleetgate.credential.v1.TaskService.ReleaseHold", ""],
  ["fleetgate.credential.v1.TaskService.EndTask", ""],
  ["fleetgate.credential.v1.ClaimService.OpenClaim", "claimId"],
  ["fleetgate.credential.v1.ClaimService.PresentClaim", "nonce"],
  ["fleetgate.credential.v1.ClaimService.ExtendClaim", ""],
  ["fleetgate.credential.v1.ClaimService.SupersedeClaim", "newClaimId"],
  ["fleetgate.credential.v1.ClaimService.CancelClaim", ""],
  ["fleetgate.credential.v1.ClaimService.ReportExecutor", ""],
  ["fleetgate.credential.v1.RunnerService.Enroll", "nonce"],
  ["fleetgate.credential.v1.RunnerService.Heartbeat", ""],
  ["fleetgate.credential.v1.CredentialService.RevokeCredential", "credentialId"],
  ["fleetgate.credential.v1.CredentialService.RotateCredential", "nonce"],
  ["fleetgate.credential.v1.GateService.AcquireGate", ""],
  ["fleetgate.credential.v1.GateService.RenewGate", ""],
  ["fleetgate.credential.v1.GateService.ReleaseGate", ""],
]);

/** Whether the method is a question that is answered from memory, in a moment. */
export function isQuick(method: DescMethod): boolean {
  const { typeName } = method.parent;
  if (typeName === CallerService.typeName) return method.methodKind === "unary";
  if (typeName === UrlService.typeName) return true;
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
  const field = repeatableWrites.get(`${method.parent.typeName}.${method.name}`) ?? "requestId";
  return field === "" || isFilled(request, field);
}

function isFilled(request: object, field: string): boolean {
  const value: unknown = Object.getOwnPropertyDescriptor(request, field)?.value;
  return typeof value === "string" && value !== "";
}

/**
 * Whether the message is an answer: not one that was cut off to nothing in a proxy, or by a server that gave up. That reads as a
 * message without a field, and must not count as a permit or as somebody's identity.
 */
export function isAnswer(method: DescMethod, message: object): boolean {
  const { typeName } = method.parent;
  if (typeName === AclService.typeName) return isFilled(message, "revisionToken");
  if (method === CallerService.method.identifyCaller)
    return "caller" in message && message.caller !== undefined;
  if (method === UrlService.method.verifyUrl) return isFilled(message, "realm");
  return true;
}

/**
 * Whether the answer may come compressed. Those of AclService are small, or wanted sooner than a server can
 * compress them.
 */
export function wantsCompression(method: DescMethod): boolean {
  return method.parent.typeName !== AclService.typeName;
}
