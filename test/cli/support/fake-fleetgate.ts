import { readFileSync } from "node:fs";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after } from "node:test";
import { Code, ConnectError, type ConnectRouter, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ChangeService } from "../../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import { ConfigService } from "../../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { BotService } from "../../../src/gen/fleetgate/credential/v1/bot_service_pb.ts";
import { CallerService } from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { ClaimService } from "../../../src/gen/fleetgate/credential/v1/claim_service_pb.ts";
import { CredentialService } from "../../../src/gen/fleetgate/credential/v1/credential_service_pb.ts";
import { GateService } from "../../../src/gen/fleetgate/credential/v1/gate_service_pb.ts";
import { KeyService } from "../../../src/gen/fleetgate/credential/v1/key_service_pb.ts";
import { RunnerService } from "../../../src/gen/fleetgate/credential/v1/runner_service_pb.ts";
import { SessionService } from "../../../src/gen/fleetgate/credential/v1/session_service_pb.ts";
import { TaskService } from "../../../src/gen/fleetgate/credential/v1/task_service_pb.ts";
import { UrlService } from "../../../src/gen/fleetgate/credential/v1/url_service_pb.ts";
import { InspectService } from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import { Health } from "../../../src/gen/grpc/health/v1/health_pb.ts";
import { DomainError, type Reason } from "../../../src/domain/errors.ts";
import { toConnectError } from "../../../src/rpc/errors.ts";

/** What the fake answers; what is left out is unimplemented. */
export interface FakeServices {
  readonly acl?: Partial<ServiceImpl<typeof AclService>>;
  readonly inspect?: Partial<ServiceImpl<typeof InspectService>>;
  readonly config?: Partial<ServiceImpl<typeof ConfigService>>;
  readonly group?: Partial<ServiceImpl<typeof GroupService>>;
  readonly change?: Partial<ServiceImpl<typeof ChangeService>>;
  readonly apiKey?: Partial<ServiceImpl<typeof ApiKeyService>>;
  readonly bot?: Partial<ServiceImpl<typeof BotService>>;
  readonly session?: Partial<ServiceImpl<typeof SessionService>>;
  readonly task?: Partial<ServiceImpl<typeof TaskService>>;
  readonly caller?: Partial<ServiceImpl<typeof CallerService>>;
  readonly url?: Partial<ServiceImpl<typeof UrlService>>;
  readonly signingKey?: Partial<ServiceImpl<typeof KeyService>>;
  readonly credential?: Partial<ServiceImpl<typeof CredentialService>>;
  readonly claim?: Partial<ServiceImpl<typeof ClaimService>>;
  readonly runner?: Partial<ServiceImpl<typeof RunnerService>>;
  readonly gate?: Partial<ServiceImpl<typeof GateService>>;
  readonly health?: Partial<ServiceImpl<typeof Health>>;
}

/** A server with the contract of Fleetgate and the answers of a test. */
export interface FakeFleetgate {
  readonly endpoint: string;
  /** The headers of every request so far. */
  readonly headers: Headers[];
}

/**
 * Starts a fake on a port of its own and ends it after the tests of the file. To be called at the top of a
 * file: inside a hook, `after` belongs to the hook.
 */
export async function startFake(
  services: FakeServices,
  options: { readonly tls?: boolean; readonly maxTimeoutMs?: number } = {},
): Promise<FakeFleetgate> {
  const headers: Headers[] = [];
  const { tls = false, ...limits } = options;
  const handler = connectNodeAdapter({
    ...limits,
    routes: (router: ConnectRouter) => {
      router.service(AclService, services.acl ?? {});
      router.service(InspectService, services.inspect ?? {});
      router.service(ConfigService, services.config ?? {});
      router.service(GroupService, services.group ?? {});
      router.service(ChangeService, services.change ?? {});
      router.service(ApiKeyService, services.apiKey ?? {});
      router.service(BotService, services.bot ?? {});
      router.service(SessionService, services.session ?? {});
      router.service(TaskService, services.task ?? {});
      router.service(CallerService, services.caller ?? {});
      router.service(UrlService, services.url ?? {});
      router.service(KeyService, services.signingKey ?? {});
      router.service(CredentialService, services.credential ?? {});
      router.service(ClaimService, services.claim ?? {});
      router.service(RunnerService, services.runner ?? {});
      router.service(GateService, services.gate ?? {});
      router.service(Health, services.health ?? {});
    },
    interceptors: [
      (next) => (request) => {
        headers.push(request.header);
        return next(request);
      },
    ],
  });
  if (!tls) {
    return { endpoint: await listen(http2.createServer(handler)), headers };
  }
  const server = http2.createSecureServer({ cert: testPem("cert"), key: testPem("key") }, handler);
  const endpoint = await listen(server);
  return { endpoint: endpoint.replace("http:", "https:"), headers };
}

/** A file of the certificate for 127.0.0.1 and localhost that is its own authority. */
function testPem(name: string): string {
  const folder = join(import.meta.dirname, "..", "..", "server", "support", "tls");
  return readFileSync(join(folder, `${name}.pem`), "utf8");
}

/** Lets a server listen on a free loopback port until the tests of the file are over. */
export async function listen(server: http2.Http2Server | http2.Http2SecureServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An error as Fleetgate makes it. */
export function fleetgateError(
  code: Code,
  reason: Reason,
  message: string,
  metadata: Record<string, string> = {},
): ConnectError {
  const value = { domain: "fleetgate", reason, metadata };
  return new ConnectError(message, code, undefined, [{ desc: ErrorInfoSchema, value }]);
}

/** What a method answers that an operator keeps closed. */
export function closedGate(retryAfterMs: number): ConnectError {
  return toConnectError(
    new DomainError("GATE_CLOSED", "closed", { area: "issue" }, { retryAfterMs }),
  );
}

/** A "no" as Fleetgate says it. */
export function denial(message: string, metadata: Record<string, string> = {}): ConnectError {
  return fleetgateError(Code.PermissionDenied, "PERMISSION_DENIED", message, metadata);
}
