/** The messages and schemas of `fleetgate.acl.v1`. */
export * as acl from "./acl.ts";
/** The messages and schemas of `fleetgate.inspect.v1`. */
export * as inspect from "./inspect.ts";
/** The messages and schemas of `fleetgate.admin.v1`. */
export * as admin from "./admin.ts";
/** The messages and schemas of `fleetgate.credential.v1`. */
export * as credential from "./credential.ts";
/** The messages and schemas of `fleetgate.config.v1`. */
export * as config from "./config.ts";
export { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
export { InspectService } from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
export { ApiKeyService } from "../gen/fleetgate/admin/v1/api_key_service_pb.ts";
export { ChangeService } from "../gen/fleetgate/admin/v1/change_service_pb.ts";
export { ConfigService } from "../gen/fleetgate/admin/v1/config_service_pb.ts";
export { GroupService } from "../gen/fleetgate/admin/v1/group_service_pb.ts";
export { BotService } from "../gen/fleetgate/credential/v1/bot_service_pb.ts";
export { CallerService } from "../gen/fleetgate/credential/v1/caller_service_pb.ts";
export { ClaimService } from "../gen/fleetgate/credential/v1/claim_service_pb.ts";
export { CredentialService } from "../gen/fleetgate/credential/v1/credential_service_pb.ts";
export { GateService } from "../gen/fleetgate/credential/v1/gate_service_pb.ts";
export { KeyService } from "../gen/fleetgate/credential/v1/key_service_pb.ts";
export { RunnerService } from "../gen/fleetgate/credential/v1/runner_service_pb.ts";
export { SessionService } from "../gen/fleetgate/credential/v1/session_service_pb.ts";
export { TaskService } from "../gen/fleetgate/credential/v1/task_service_pb.ts";
export { UrlService } from "../gen/fleetgate/credential/v1/url_service_pb.ts";
export { createAclClient, createClients, type Clients } from "./clients.ts";
export { isDenied, isUnavailable, type Denial, type Unavailable } from "./judge-error.ts";
export {
  detailRegistry,
  metadataOf,
  reasonOf,
  retryDelayOf,
  type Reason,
  type ReasonText,
} from "./error-info.ts";
export { fromStatus } from "./from-status.ts";
export { isPermitted, permittedIndexes } from "./packed-bits.ts";
export { revisionOf } from "./revision.ts";
export { toCallerError } from "./caller-error.ts";
export {
  isShownCredentialForbidden,
  isShownCredentialRefused,
  taskStopSignal,
  type StoppedTaskState,
} from "./shown-credential.ts";
