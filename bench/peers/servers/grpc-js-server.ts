import { Buffer } from "node:buffer";
import { fromBinary } from "@bufbuild/protobuf";
import { CheckPoolPermRequestSchema } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { serveParent } from "../../children.ts";
import { methodPath } from "../../transport/frames.ts";
import { importPeer } from "../install.ts";
import type { ServerReady } from "../messages.ts";

// grpc-js with a handler that decides nothing. Requests are decoded as those of the bare handler are.

/** As much of @grpc/grpc-js as is needed. */
interface GrpcJs {
  readonly Server: new () => GrpcServer;
  readonly ServerCredentials: { readonly createInsecure: () => unknown };
}

interface GrpcServer {
  addService(definition: object, implementation: object): void;
  bindAsync(
    address: string,
    credentials: unknown,
    done: (error: Error | null, port: number) => void,
  ): void;
  forceShutdown(): void;
}

let server: GrpcServer | undefined;

serveParent(
  () => open(),
  () => server?.forceShutdown(),
);

async function open(): Promise<ServerReady> {
  const { Server, ServerCredentials } = await importPeer<GrpcJs>("@grpc/grpc-js");
  const started = new Server();
  server = started;
  const nothing = Buffer.alloc(0);
  started.addService(
    {
      checkPoolPerm: {
        path: methodPath,
        requestStream: false,
        responseStream: false,
        requestSerialize: () => nothing,
        requestDeserialize: (bytes: Uint8Array) => fromBinary(CheckPoolPermRequestSchema, bytes),
        responseSerialize: () => nothing,
        responseDeserialize: () => ({}),
      },
    },
    {
      checkPoolPerm: (_call: unknown, done: (error: null, answer: object) => void) =>
        done(null, {}),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    started.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { ports: { main: port }, pid: process.pid, tokens: {} };
}
