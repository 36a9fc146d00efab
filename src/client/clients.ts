import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ChangeService } from "../gen/fleetgate/admin/v1/change_service_pb.ts";
import { ConfigService } from "../gen/fleetgate/admin/v1/config_service_pb.ts";
import { GroupService } from "../gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";

/** A client for each service, all over one transport. */
export interface Clients {
  /** The checks. */
  readonly acl: Client<typeof AclService>;
  /** Why a check is answered as it is, and who may do what. */
  readonly inspect: Client<typeof InspectService>;
  /** Configuration as code. For administrators. */
  readonly config: Client<typeof ConfigService>;
  /** API keys. For administrators. */
  readonly apiKeys: Client<typeof ApiKeyService>;
  /** Groups. For their owners and readers. */
  readonly groups: Client<typeof GroupService>;
  /** Who changed what, when and why. For readers, and for owners of a group what is of the group. */
  readonly changes: Client<typeof ChangeService>;
}

/** Creates a client for each service over a transport of connect, e.g. one of `@connectrpc/connect-web`. */
export function createClients(transport: Transport): Clients {
  return {
    acl: createAclClient(transport),
    inspect: createClient(InspectService, transport),
    config: createClient(ConfigService, transport),
    apiKeys: createClient(ApiKeyService, transport),
    groups: createClient(GroupService, transport),
    changes: createClient(ChangeService, transport),
  };
}

/** Creates a client for the checks alone, so that a bundle holds no other service. */
export function createAclClient(transport: Transport): Client<typeof AclService> {
  return createClient(AclService, transport);
}
