import type { DescService } from "@bufbuild/protobuf";
import { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ChangeService } from "../gen/fleetgate/admin/v1/change_service_pb.ts";
import { ConfigService } from "../gen/fleetgate/admin/v1/config_service_pb.ts";
import { GroupService } from "../gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";

/** The services of Fleetgate itself, for health, reflection and metrics. */
export const ourServices: readonly DescService[] = [
  AclService,
  InspectService,
  ConfigService,
  ApiKeyService,
  GroupService,
  ChangeService,
];
