import type { ConnectRouter, ConnectRouterOptions } from "@connectrpc/connect";
import { BotService } from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { ClaimService } from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { GateService } from "../../gen/fleetgate/credential/v1/gate_service_pb.ts";
import { RunnerService } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { CallerService } from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { CredentialService } from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { KeyService } from "../../gen/fleetgate/credential/v1/key_service_pb.ts";
import { SessionService } from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import { TaskService } from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { UrlService } from "../../gen/fleetgate/credential/v1/url_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { botRoutes } from "./bot-routes.ts";
import { callerRoutes } from "./caller-routes.ts";
import { claimRoutes } from "./claim-routes.ts";
import type { KnownCallers } from "./known-callers.ts";
import { credentialRoutes } from "./credential-routes.ts";
import { gateRoutes } from "./gate-routes.ts";
import { keyRoutes } from "./key-routes.ts";
import { runnerRoutes } from "./runner-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { taskRoutes } from "./task-routes.ts";
import { urlRoutes } from "./url-routes.ts";

/** The services of the package `fleetgate.credential.v1`. */
export const credentialServices = [
  BotService,
  CallerService,
  ClaimService,
  CredentialService,
  GateService,
  KeyService,
  RunnerService,
  SessionService,
  TaskService,
  UrlService,
] as const;

/** Registers the services of the package `fleetgate.credential.v1`. */
export function registerCredentialServices(
  router: ConnectRouter,
  deps: RpcDeps,
  known: KnownCallers,
  options: Partial<ConnectRouterOptions>,
): void {
  router.service(BotService, botRoutes(deps), options);
  router.service(CallerService, callerRoutes(deps, known), options);
  router.service(ClaimService, claimRoutes(deps), options);
  router.service(CredentialService, credentialRoutes(deps), options);
  router.service(GateService, gateRoutes(deps), options);
  router.service(KeyService, keyRoutes(deps), options);
  router.service(RunnerService, runnerRoutes(deps), options);
  router.service(SessionService, sessionRoutes(deps), options);
  router.service(TaskService, taskRoutes(deps), options);
  router.service(UrlService, urlRoutes(deps), options);
}
