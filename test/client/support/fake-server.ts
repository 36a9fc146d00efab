import { once } from "node:events";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { after } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { DomainError, type Reason } from "../../../src/domain/errors.ts";
import {
  AclService,
  CheckServerPermResponseSchema,
  type CheckServerPermRequest,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "../../../src/gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ConfigService } from "../../../src/gen/fleetgate/admin/v1/config_service_pb.ts";
import { toConnectError } from "../../../src/rpc/errors.ts";

/** What a fake server says to a call: a revision token, or an error that is thrown. */
export type Script = (request: CheckServerPermRequest, context: HandlerContext) => unknown;

/** A server that answers as its script says. It has no engine and asks for no credential. */
export interface FakeServer {
  readonly url: string;
  /** The method of every call that arrived. */
  readonly calls: string[];
  /** The `authorization` of every call that arrived. */
  readonly bearers: (string | null)[];
  /** The requests of CheckServerPerm. */
  readonly requests: CheckServerPermRequest[];
  script: Script;
  /** How many connections there have been. */
  readonly connections: () => number;
  readonly sessions: () => readonly http2.ServerHttp2Session[];
  readonly close: () => Promise<void>;
}

const open = new Set<() => Promise<void>>();

after(async () => {
  for (const close of open) await close();
});

/** Starts a fake server on a port of 127.0.0.1, a free one unless given; with TLS when that
 * is given. It ends with the tests of the file. */
export async function startFake(
  script: Script = () => "token",
  port = 0,
  tls?: http2.SecureServerOptions,
): Promise<FakeServer> {
  const sessions = new Set<http2.ServerHttp2Session>();
  let connections = 0;
  const answer = async (context: HandlerContext, request?: CheckServerPermRequest) => {
    fake.calls.push(context.method.name);
    fake.bearers.push(context.requestHeader.get("authorization"));
    if (request !== undefined) fake.requests.push(request);
    const token = await fake.script(request as CheckServerPermRequest, context);
    return typeof token === "string" ? token : "token";
  };
  const handler = connectNodeAdapter({
    routes: (router) => {
      router.service(AclService, {
        checkServerPerm: async (request, context) => {
          const revisionToken = await answer(context, request);
          return create(CheckServerPermResponseSchema, { revisionToken });
        },
      });
      router.service(ConfigService, {
        apply: async (_, context) => ({ revisionToken: await answer(context) }),
        get: async (_, context) => ({ revisionToken: await answer(context) }),
      });
      router.service(ApiKeyService, {
        list: async (_, context) => ({ revisionToken: await answer(context) }),
        revoke: async (_, context) => ({ revisionToken: await answer(context) }),
      });
    },
  });
  const server =
    tls === undefined ? http2.createServer(handler) : http2.createSecureServer(tls, handler);
  server.on("session", (session) => {
    connections += 1;
    sessions.add(session);
    session.on("error", () => undefined);
    session.once("close", () => sessions.delete(session));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    open.delete(close);
    const closed = once(server, "close");
    server.close();
    for (const session of sessions) session.destroy();
    await closed;
  };
  open.add(close);
  const fake: FakeServer = {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    bearers: [],
    requests: [],
    script,
    connections: () => connections,
    sessions: () => [...sessions],
    close,
  };
  return fake;
}

/** Starts a server that takes connections and never says a word. */
export async function startMute(): Promise<{
  readonly url: string;
  readonly connections: () => number;
}> {
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    open.delete(close);
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  open.add(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, connections: () => connections };
}

/** A URL of 127.0.0.1 where nobody listens. */
export async function refusedUrl(): Promise<string> {
  const fake = await startFake();
  await fake.close();
  return fake.url;
}

/** Throws what the server throws for a reason. */
export function fail(reason: Reason, message = "no", metadata: Record<string, string> = {}): never {
  throw toConnectError(new DomainError(reason, message, metadata));
}

/** Throws what a server throws that cannot answer, and says when to come back. */
export function failUnavailable(retryAfterMs: number): never {
  throw toConnectError(new DomainError("CHECK_UNAVAILABLE", "no", {}, { retryAfterMs }));
}

/** Throws what a server throws while an operator keeps the method closed. */
export function failClosed(retryAfterMs: number): never {
  throw toConnectError(
    new DomainError("GATE_CLOSED", "closed", { area: "issue" }, { retryAfterMs }),
  );
}

/** Never answers, and lets go when the connection ends. */
export function hang(context: HandlerContext): Promise<never> {
  return new Promise((_, reject) => {
    context.signal.addEventListener("abort", () => reject(new Error("the connection ended")));
  });
}
