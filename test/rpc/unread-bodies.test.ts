import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import http2, { type ClientHttp2Session, type ServerHttp2Stream } from "node:http2";
import { describe, it } from "node:test";
import { AclService } from "../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { createRpcServer } from "../../src/rpc/handler.ts";
import { openListener } from "../../src/server/listener.ts";
import { memoryLog } from "../server/support/memory-log.ts";
import { bodyOf, headersOf } from "./fast/support/make-case.ts";
import { createFakeReplica } from "./support/fake-replica.ts";
import { now } from "./support/keys.ts";
import { createState } from "./support/world.ts";

const { checkPoolPerm } = AclService.method;
const question = { permission: "swarming.pools.createTask", pool: "ci" };
const good = Buffer.from(bodyOf("grpc", checkPoolPerm, question));
const maxStreams = 8;

function oversize(): Buffer {
  const head = Buffer.alloc(105);
  head.writeUInt32BE(2_000_000, 1);
  return head;
}

const acl = headersOf("grpc", checkPoolPerm);

/** What is answered before all of it is read. */
const cases: readonly (readonly [string, http2.OutgoingHttpHeaders, Buffer])[] = [
  ["a message that is too long", acl, oversize()],
  ["two messages", acl, Buffer.concat([good, good])],
  ["a bad credential", { ...acl, authorization: "Bearer x" }, good],
  ["a method that is not there", { ...acl, ":path": "/no/Method" }, good],
];

for (const isFast of [true, false]) {
  describe(`requests that are answered before they are read, ${isFast ? "fast path" : "stock handler"}`, () => {
    for (const [name, headers, first] of cases) {
      it(`leave no stream behind: ${name}`, async (t) => {
        const server = await open(isFast);
        t.after(() => server.close());
        for (let call = 0; call <= maxStreams; call += 1)
          await exchange(server.session, headers, first);
        assert.match(await exchange(server.session, acl, good, 0), /^200/);
        await server.allOver();
      });
    }
  });
}

interface Server {
  readonly session: ClientHttp2Session;
  readonly allOver: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function open(isFast: boolean): Promise<Server> {
  const replica = createFakeReplica(createState());
  const rpc = createRpcServer({
    commands: { replica, clock: () => now } as never,
    replica,
    publicServices: [],
    onCall: () => {},
    onKeyUse: () => {},
    clock: () => now,
    newRequestId: () => "request",
    shutdownSignal: new AbortController().signal,
    options: { allowAnonymous: false, freshnessWaitMs: 100, maxTimeoutMs: 60_000 },
  });
  const streams = new Set<ServerHttp2Stream>();
  const listener = await openListener({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    handler: rpc.handle,
    take: (stream, headers, raw) => {
      streams.add(stream);
      stream.once("close", () => streams.delete(stream));
      return isFast && rpc.fastPath.take(stream, headers, raw);
    },
    limits: {
      maxConnections: 10,
      maxStreams,
      maxHeaderBytes: 16_384,
      idleTimeoutMs: 60_000,
      requestTimeoutMs: 60_000,
      headersTimeoutMs: 60_000,
      maxConnectionAgeMs: undefined,
      connectionAgeGraceMs: 60_000,
    },
    log: memoryLog().log,
  });
  const session = http2.connect(listener.url);
  session.on("error", () => {});
  await once(session, "remoteSettings");
  return {
    session,
    allOver: async () => {
      for (const stream of streams) if (!stream.destroyed) await once(stream, "close");
    },
    close: async () => {
      session.destroy();
      await listener.drain(0);
    },
  };
}

/** One call: the first bytes of a body, and more after the server has seen them. Returns the HTTP status and the reset code. */
async function exchange(
  session: ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  first: Buffer,
  more = 3,
): Promise<string> {
  const stream = session.request(headers);
  let status: unknown;
  stream.on("error", () => {});
  stream.on("response", (received) => {
    status = received[":status"];
  });
  stream.resume();
  const closed = new Promise((resolve) => stream.once("close", resolve));
  stream.write(first);
  for (let piece = 0; piece < more; piece += 1) {
    await new Promise((resolve) => session.ping(resolve));
    if (stream.writable) stream.write(Buffer.alloc(16_000));
  }
  stream.end();
  await closed;
  return `${String(status)} ${stream.rstCode}`;
}
