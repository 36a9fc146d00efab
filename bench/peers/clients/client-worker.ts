import { Buffer } from "node:buffer";
import { createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import { createFleetgate } from "../../../src/client/node/index.ts";
import { AclService } from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { serveParent } from "../../children.ts";
import { methodPath, requestBody, requestHeaders } from "../../transport/frames.ts";
import { openHttp2Client } from "../../transport/http2-client.ts";
import { callInPattern } from "../../transport/patterns.ts";
import type { Client } from "../../transport/client.ts";

// A client of one kind, against a server that answers fixed bytes: what a call costs its caller.

/** The kinds of clients. */
export const clientKinds = [
  "bare",
  "bare-grpc",
  "fleetgate",
  "fleetgate-stock",
  "stock-connect",
  "stock-grpc",
] as const;

/** One of them. */
export type ClientKind = (typeof clientKinds)[number];

/** What the process is asked: to connect, and then to call for some seconds. */
export type ClientRequest =
  | { readonly kind: "open"; readonly client: ClientKind; readonly port: number }
  | { readonly kind: "run"; readonly inFlight: number; readonly seconds: number };

/** What a run cost. */
export interface ClientRound {
  readonly calls: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const token = formatBearerToken({ kind: "ak", id: "a".repeat(16), secret: "b".repeat(43) });
const question = {
  caller: "user:somebody@example.com",
  permission: "swarming.pools.createTask",
  pool: "project-0.tests-1",
};
const wantedToken = "r".repeat(54);
const right = "right";

let client: Client | undefined;

serveParent(
  async (message) => {
    const request = message as ClientRequest;
    if (request.kind === "run") return run(request.inFlight, request.seconds);
    client = await open(request.client, request.port);
    return undefined;
  },
  () => client?.close(),
);

async function run(inFlight: number, seconds: number): Promise<ClientRound> {
  if (client === undefined) throw new Error("there is no client");
  const before = process.cpuUsage();
  const calls = await callInPattern(client, [Buffer.alloc(0)], {
    ...{ pattern: { kind: "closed", inFlight }, seconds, status: right },
  });
  const { user, system } = process.cpuUsage(before);
  return {
    calls: calls.latencies.length,
    seconds: calls.seconds,
    cpuSeconds: (user + system) / 1e6,
  };
}

async function open(kind: ClientKind, port: number): Promise<Client> {
  const origin = `http://127.0.0.1:${port}`;
  const connect = { baseUrl: origin, httpVersion: "2" } as const;
  const headers = { authorization: `Bearer ${token}` };
  switch (kind) {
    case "bare":
      return openBare("Connect", port);
    case "bare-grpc":
      return openBare("gRPC", port);
    case "fleetgate":
    case "fleetgate-stock": {
      const transport = kind === "fleetgate" ? "lean" : "stock";
      const { acl, close } = createFleetgate({ endpoints: [origin], key: () => token, transport });
      return toClient(() => acl.checkPoolPerm(question), close);
    }
    default: {
      const sessionManager = new Http2SessionManager(origin);
      const transport =
        kind === "stock-grpc"
          ? createGrpcTransport({ baseUrl: origin, sessionManager })
          : createConnectTransport({ ...connect, sessionManager, useBinaryFormat: true });
      const acl = createClient(AclService, transport);
      return toClient(
        () => acl.checkPoolPerm(question, { headers, timeoutMs: 5_000 }),
        async () => sessionManager.abort(),
      );
    }
  }
}

/** Node's own client with a request that was encoded before, and an answer that is not decoded. */
async function openBare(wire: "gRPC" | "Connect", port: number): Promise<Client> {
  const headers = requestHeaders(wire, token);
  const body = requestBody(wire, question);
  const bare = await openHttp2Client({ port, path: methodPath, headers, connections: 1 });
  const good = wire === "gRPC" ? "200/0" : "200";
  return {
    call: (_body, done) => bare.call(body, (status) => done(status === good ? right : status)),
    close: () => bare.close(),
  };
}

function toClient(
  call: () => Promise<{ readonly revisionToken: string }>,
  close: () => Promise<void>,
): Client {
  return {
    call: (_body, done) => {
      call().then(
        ({ revisionToken }) => done(revisionToken === wantedToken ? right : "another answer"),
        (error: unknown) => done(String(error)),
      );
    },
    close,
  };
}
