import type { DescService } from "@bufbuild/protobuf";
import { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ChangeService } from "../gen/fleetgate/admin/v1/change_service_pb.ts";
import { ConfigService } from "../gen/fleetgate/admin/v1/config_service_pb.ts";
import { GroupService } from "../gen/fleetgate/admin/v1/group_service_pb.ts";
import { BotService } from "../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { CallerService } from "../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { ClaimService } from "../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { CredentialService } from "../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { GateService } from "../gen/fleetgate/credential/v1/gate_service_pb.ts";
import { KeyService } from "../gen/fleetgate/credential/v1/key_service_pb.ts";
import { RunnerService } from "../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { SessionService } from "../gen/fleetgate/credential/v1/session_service_pb.ts";
import { TaskService } from "../gen/fleetgate/credential/v1/task_service_pb.ts";
import { UrlService } from "../gen/fleetgate/credential/v1/url_service_pb.ts";
import { InspectService } from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";

/** The services of Fleetgate itself, for health, reflection and metrics. */
export const ourServices: readonly DescService[] = [
  AclService,
  InspectService,
  ConfigService,
  ApiKeyService,
  GroupService,
  ChangeService,
  CallerService,
  BotService,
  SessionService,
  TaskService,
  UrlService,
  ClaimService,
  RunnerService,
  CredentialService,
  KeyService,
  GateService,
];
