import http2 from "node:http2";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { CredentialArea } from "../../../src/credentials/area.ts";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import type { AdminOperations } from "../../../src/rpc/admin/operations.ts";
import {
  createRpcServer,
  type CallRecord,
  type PeerIdentity,
  type PublicService,
  type RpcOptions,
} from "../../../src/rpc/handler.ts";
import { createFakeReplica, type FakeReplica } from "./fake-replica.ts";
import { now } from "./keys.ts";
import { startServers, type Servers } from "./servers.ts";
import { openWires, registry, type Wire } from "./wires.ts";
import { createState } from "./world.ts";

/** A handler in service, and all that a test wants to see of it or change in it. */
export interface Bench {
  readonly replica: FakeReplica;
  readonly servers: Servers;
  readonly wires: readonly Wire[];
  /** A session of HTTP/2 for raw requests. */
  readonly session: http2.ClientHttp2Session;
  readonly records: CallRecord[];
  readonly keyUses: string[];
  /** What the clock says. */
  time: Date;
  close(): Promise<void>;
}

/** What a test wants otherwise than usual. */
export interface BenchOptions extends Partial<RpcOptions> {
  readonly publicServices?: readonly PublicService[];
  readonly operations?: Partial<AdminOperations>;
  readonly identity?: PeerIdentity;
  readonly credentials?: CredentialArea;
}

/** Puts a handler into service over every wire. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const replica = createFakeReplica(createState());
  const records: CallRecord[] = [];
  const keyUses: string[] = [];
  const unavailable = (): never => {
    throw new Error("no such operation in this test");
  };
  let requests = 0;
  const rpc = createRpcServer(
    {
      commands: { replica, clock: () => now } as unknown as CommandDeps,
      replica,
      publicServices: options.publicServices ?? [],
      onCall: (record) => records.push(record),
      onKeyUse: (id) => keyUses.push(id),
      clock: () => bench.time,
      ...(options.identity === undefined ? {} : { identity: options.identity }),
      credentials: options.credentials,
      newRequestId: () => `request-${(requests += 1)}`,
      shutdownSignal: new AbortController().signal,
      options: { allowAnonymous: false, freshnessWaitMs: 200, maxTimeoutMs: 60_000, ...options },
    },
    {
      applyConfig: unavailable,
      validateConfig: unavailable,
      getConfig: unavailable,
      exportConfig: unavailable,
      createApiKey: unavailable,
      listApiKeys: unavailable,
      revokeApiKey: unavailable,
      createGroup: unavailable,
      getGroup: unavailable,
      updateGroup: unavailable,
      deleteGroup: unavailable,
      addMembers: unavailable,
      removeMembers: unavailable,
      importGroups: unavailable,
      takeOverGroup: unavailable,
      returnGroup: unavailable,
      listChanges: unavailable,
      getChange: unavailable,
      revertChange: unavailable,
      verifyChanges: unavailable,
      ...options.operations,
    },
  );
  const servers = await startServers(rpc.handle, rpc.fastPath.take);
  const opened = openWires(servers);
  const session = http2.connect(servers.http2);
  const bench: Bench = {
    replica,
    servers,
    wires: opened.wires,
    session,
    records,
    keyUses,
    time: now,
    close: async () => {
      opened.close();
      session.destroy();
      await servers.close();
    },
  };
  return bench;
}

/** The value of an `authorization` header. */
export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** What a call came to. */
export interface Reply {
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Type and bytes of each detail. */
  readonly details: readonly string[];
  /** The response as JSON; undefined after an error. */
  readonly response: unknown;
  /** Headers and trailers together. */
  readonly metadataOfCall: Headers;
}

/** Makes a unary call. */
export async function ask<I extends DescMessage, O extends DescMessage>(
  transport: Transport,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  try {
    const answer = await transport.unary(method, undefined, undefined, headers, request);
    const metadataOfCall = new Headers(answer.header);
    answer.trailer.forEach((value, name) => {
      metadataOfCall.append(name, value);
    });
    const response = toJson(method.output, answer.message as never, { registry });
    return { ...noError, response, metadataOfCall };
  } catch (thrown) {
    const error = ConnectError.from(thrown, Code.Unknown);
    const info = error.findDetails(ErrorInfoSchema)[0];
    return {
      code: codeToString(error.code),
      reason: info?.reason ?? "",
      message: error.rawMessage,
      metadata: info?.metadata ?? {},
      details: error.details.map((detail) =>
        "type" in detail ? `${detail.type} ${Buffer.from(detail.value).toString("hex")}` : "",
      ),
      response: undefined,
      metadataOfCall: error.metadata,
    };
  }
}

const noError = { code: "ok", reason: "", message: "", metadata: {}, details: [] };
