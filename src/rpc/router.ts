import type { DescMethod } from "@bufbuild/protobuf";
import { createConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ChangeService } from "../gen/fleetgate/admin/v1/change_service_pb.ts";
import { ConfigService } from "../gen/fleetgate/admin/v1/config_service_pb.ts";
import { GroupService } from "../gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import type { AclChecks } from "./acl/checks.ts";
import type { AclMethods } from "./acl/methods.ts";
import { aclRoutes } from "./acl/routes.ts";
import { apiKeyRoutes } from "./admin/api-key-routes.ts";
import { changeRoutes } from "./admin/change-routes.ts";
import { configRoutes } from "./admin/config-routes.ts";
import { groupRoutes } from "./admin/group-routes.ts";
import type { AdminOperations } from "./admin/operations.ts";
import { createGate } from "./admission/gate.ts";
import { requirementOf } from "./admission/method-table.ts";
import type { KnownCallers } from "./credential/known-callers.ts";
import { credentialServices, registerCredentialServices } from "./credential/register.ts";
import type { RpcDeps } from "./deps.ts";
import { jsonOptions } from "./json-options.ts";
import { inspectRoutes } from "./inspect/routes.ts";
import { convertErrors, refuseUnknownFields } from "./interceptors.ts";
import { compressions, minCompressedBytes } from "./transport/compressions.ts";

/** The largest message to a public service, which anybody may send, in bytes, packed and unpacked. */
export const maxPublicBytes = 64 * 1024;

/** The largest request of AclService, InspectService, ChangeService and the services of credentials, in bytes, packed and unpacked. */
export const maxAclBytes = 1024 * 1024;

/** The largest request of ConfigService and ApiKeyService, which are for administrators, in bytes, packed and unpacked. */
export const maxAdminBytes = 64 * 1024 * 1024;

/**
 * The largest message to the methods of GroupService that take members, in bytes, packed and unpacked, from who may write
 * groups; maxAclBytes from anybody else: nothing else is answered while it is parsed.
 */
export const maxGroupBytes = 8 * 1024 * 1024;

const takeMembers: ReadonlySet<string> = new Set([
  "CreateGroup",
  "UpdateGroup",
  "AddMembers",
  "RemoveMembers",
  "ImportGroups",
]);

/** The stock handler of a method, and how large a message to it may be. */
export interface MethodHandler {
  readonly handle: UniversalHandler;
  readonly maxBytes: number;
  /** The same for peers that may write no group; undefined: it makes no difference, or such peers are refused. */
  readonly forStrangers: MethodHandler | undefined;
}

/**
 * The handlers of all methods by `package.Service/Method`. Throws when the method table lacks one of them,
 * so that a server with an unguarded method does not start.
 */
export function createHandlers(
  deps: RpcDeps,
  operations: AdminOperations,
  checks: AclChecks,
  methods: AclMethods,
  known: KnownCallers,
): ReadonlyMap<string, MethodHandler> {
  const routerOptions = {
    acceptCompression: [...compressions],
    compressMinBytes: minCompressedBytes,
    readMaxBytes: maxPublicBytes,
    maxTimeoutMs: deps.options.maxTimeoutMs,
    shutdownSignal: deps.shutdownSignal,
    requestGate: createGate(deps),
  };
  const router = createConnectRouter(routerOptions);
  const strangers = createConnectRouter(routerOptions);
  const ours = { jsonOptions, interceptors: [convertErrors, refuseUnknownFields] };
  const acl = { ...ours, readMaxBytes: maxAclBytes };
  const admin = { ...ours, readMaxBytes: maxAdminBytes };
  router.service(AclService, aclRoutes(deps, methods), acl);
  router.service(InspectService, inspectRoutes(deps, checks), acl);
  router.service(ConfigService, configRoutes(deps, operations), admin);
  router.service(ApiKeyService, apiKeyRoutes(deps, operations), admin);
  const groups = groupRoutes(deps, operations);
  for (const method of GroupService.methods) {
    const readMaxBytes = maxBytesOfGroups(method);
    // The implementation of a service has a function for each of its methods, of the type that the method wants.
    const implementation = groups[method.localName as keyof typeof groups] as never;
    router.rpc(method, implementation, { ...ours, readMaxBytes });
    if (requirementOf(nameOf(method))?.kind !== "identified") continue;
    if (readMaxBytes > maxAclBytes) strangers.rpc(method, implementation, acl);
  }
  router.service(ChangeService, changeRoutes(deps, operations), acl);
  registerCredentialServices(router, deps, known, acl);
  for (const { register } of deps.publicServices) register(router);

  const limits = new Map([
    [AclService.typeName, maxAclBytes],
    [InspectService.typeName, maxAclBytes],
    [ConfigService.typeName, maxAdminBytes],
    [ApiKeyService.typeName, maxAdminBytes],
    [ChangeService.typeName, maxAclBytes],
    ...credentialServices.map(({ typeName }) => [typeName, maxAclBytes] as const),
  ]);
  const forStrangers = new Map<string, MethodHandler>();
  for (const handler of strangers.handlers) {
    const limited = { handle: handler, maxBytes: maxAclBytes, forStrangers: undefined };
    forStrangers.set(nameOf(handler.method), limited);
  }
  const handlers = new Map<string, MethodHandler>();
  for (const handler of router.handlers) {
    const method = handler.requestPath.slice(1);
    if (requirementOf(method) === undefined) {
      throw new Error(`the method table has no row for ${method}`);
    }
    const maxBytes = maxBytesOf(handler.method, limits);
    handlers.set(method, {
      handle: handler,
      maxBytes,
      forStrangers: forStrangers.get(method),
    });
  }
  return handlers;
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}

function maxBytesOf(method: DescMethod, limits: ReadonlyMap<string, number>): number {
  const { typeName } = method.parent;
  if (typeName === GroupService.typeName) return maxBytesOfGroups(method);
  return limits.get(typeName) ?? maxPublicBytes;
}

function maxBytesOfGroups({ name }: DescMethod): number {
  return takeMembers.has(name) ? maxGroupBytes : maxAclBytes;
}
