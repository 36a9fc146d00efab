import { createClient, type Client, type Transport } from "@connectrpc/connect";
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
  /** Whose a token is. For services that are shown tokens. */
  readonly callers: Client<typeof CallerService>;
  /** Bots and their boot tokens. For provisioners, and for bots themselves. */
  readonly bots: Client<typeof BotService>;
  /** The sessions of bots. For bots. */
  readonly sessions: Client<typeof SessionService>;
  /** Tasks and their tokens. For execution hosts, schedulers, and tasks themselves. */
  readonly tasks: Client<typeof TaskService>;
  /** Jobs that are handed to exactly one worker. For execution hosts, and for workers that have nothing but a job and a secret. */
  readonly claims: Client<typeof ClaimService>;
  /** Runners, and the machines that enrol as their managers. For administrators of runners, and for the machines. */
  readonly runners: Client<typeof RunnerService>;
  /** Signed URLs. For services that serve them, and for tasks. */
  readonly urls: Client<typeof UrlService>;
  /** Which credentials there are, and what became of them. For auditors. */
  readonly credentials: Client<typeof CredentialService>;
  /** The keys that sign URLs and assertions. For administrators. */
  readonly signingKeys: Client<typeof KeyService>;
  /** What keeps the fleet away while tables are locked. For administrators. */
  readonly gates: Client<typeof GateService>;
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
    callers: createClient(CallerService, transport),
    bots: createClient(BotService, transport),
    sessions: createClient(SessionService, transport),
    tasks: createClient(TaskService, transport),
    claims: createClient(ClaimService, transport),
    runners: createClient(RunnerService, transport),
    urls: createClient(UrlService, transport),
    credentials: createClient(CredentialService, transport),
    signingKeys: createClient(KeyService, transport),
    gates: createClient(GateService, transport),
  };
}

/** Creates a client for the checks alone, so that a bundle holds no other service. */
export function createAclClient(transport: Transport): Client<typeof AclService> {
  return createClient(AclService, transport);
}
