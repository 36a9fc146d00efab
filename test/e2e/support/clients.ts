import { createRegistry, type MessageInitShape } from "@bufbuild/protobuf";
import { createClient, type Client, type Interceptor, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ChangeService } from "../../../src/gen/fleetgate/admin/v1/change_service_pb.ts";
import {
  ConfigService,
  type ConfigFileSchema,
} from "../../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { GroupService } from "../../../src/gen/fleetgate/admin/v1/group_service_pb.ts";
import { InspectService } from "../../../src/gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import { Health } from "../../../src/gen/grpc/health/v1/health_pb.ts";

/** Clients of one peer, over gRPC. */
export interface Clients {
  readonly acl: Client<typeof AclService>;
  readonly config: Client<typeof ConfigService>;
  readonly keys: Client<typeof ApiKeyService>;
  readonly groups: Client<typeof GroupService>;
  readonly changes: Client<typeof ChangeService>;
  readonly inspect: Client<typeof InspectService>;
  readonly health: Client<typeof Health>;
  readonly close: () => void;
}

/** Opens clients of a peer. */
export function openClients(url: string, token: string | undefined): Clients {
  const sessionManager = new Http2SessionManager(url);
  const transport = createGrpcTransport({
    baseUrl: url,
    sessionManager,
    interceptors: credential(token),
    defaultTimeoutMs: 30_000,
  });
  return {
    acl: createClient(AclService, transport),
    config: createClient(ConfigService, transport),
    keys: createClient(ApiKeyService, transport),
    groups: createClient(GroupService, transport),
    changes: createClient(ChangeService, transport),
    inspect: createClient(InspectService, transport),
    health: createClient(Health, transport),
    close: () => {
      sessionManager.abort();
    },
  };
}

/** One way to speak to a server. */
export interface Wire {
  readonly name: string;
  readonly transport: Transport;
}

/** Every protocol, with the credential of a peer. */
export function openWires(
  url: string,
  token: string,
): { readonly wires: readonly Wire[]; readonly close: () => void } {
  const sessionManager = new Http2SessionManager(url);
  const interceptors = credential(token);
  const two = { baseUrl: url, httpVersion: "2", sessionManager, interceptors } as const;
  const one = { baseUrl: url, httpVersion: "1.1", interceptors } as const;
  return {
    wires: [
      { name: "gRPC", transport: createGrpcTransport(two) },
      { name: "gRPC-Web", transport: createGrpcWebTransport(one) },
      {
        name: "Connect in binary",
        transport: createConnectTransport({ ...two, useBinaryFormat: true }),
      },
      {
        name: "Connect in JSON",
        transport: createConnectTransport({
          ...one,
          useBinaryFormat: false,
          // For the details in the outcomes of BatchCheck.
          jsonOptions: { registry: createRegistry(ErrorInfoSchema) },
        }),
      },
    ],
    close: () => {
      sessionManager.abort();
    },
  };
}

/** One file of a configuration from its text. */
export function textFile(
  text: string,
  path = "fleet.yaml",
): MessageInitShape<typeof ConfigFileSchema> {
  return { path, content: { case: "text", value: text } };
}

function credential(token: string | undefined): Interceptor[] {
  if (token === undefined) return [];
  return [
    (next) => (request) => {
      request.header.set("authorization", `Bearer ${token}`);
      return next(request);
    },
  ];
}
