import { createRegistry } from "@bufbuild/protobuf";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import type { Transport } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import type { Servers } from "./servers.ts";

/** What the answers of our services hold in google.protobuf.Any. */
export const registry = createRegistry(ErrorInfoSchema, RetryInfoSchema);

/** One way to speak to a server. */
export interface Wire {
  readonly name: string;
  readonly transport: Transport;
}

/** Every protocol over every version of HTTP that it works with. Sessions end with `close`. */
export function openWires(servers: Servers): { readonly wires: readonly Wire[]; close(): void } {
  const sessionManager = new Http2SessionManager(servers.http2);
  const two = { baseUrl: servers.http2, httpVersion: "2", sessionManager } as const;
  const one = { baseUrl: servers.http1, httpVersion: "1.1" } as const;
  const binary = { useBinaryFormat: true };
  const json = { useBinaryFormat: false, jsonOptions: { registry } };
  return {
    wires: [
      { name: "gRPC", transport: createGrpcTransport({ ...two, ...binary }) },
      { name: "gRPC in JSON", transport: createGrpcTransport({ ...two, ...json }) },
      { name: "gRPC-Web over HTTP/2", transport: createGrpcWebTransport({ ...two, ...binary }) },
      { name: "gRPC-Web over HTTP/1.1", transport: createGrpcWebTransport({ ...one, ...binary }) },
      { name: "Connect over HTTP/2", transport: createConnectTransport({ ...two, ...binary }) },
      { name: "Connect in JSON, HTTP/1.1", transport: createConnectTransport({ ...one, ...json }) },
    ],
    close: () => {
      sessionManager.abort();
    },
  };
}
