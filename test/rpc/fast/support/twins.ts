import http2 from "node:http2";
import { once } from "node:events";
import type { CredentialArea } from "../../../../src/credentials/area.ts";
import type { CommandDeps } from "../../../../src/commands/deps.ts";
import type { AclChecks } from "../../../../src/rpc/acl/checks.ts";
import { exchangeOf, type Exchange } from "../../../../src/rpc/fast/exchange.ts";
import type { TakeStream } from "../../../../src/rpc/fast/fast-path.ts";
import {
  createRpcServer,
  type CallRecord,
  type PeerIdentity,
  type RpcServer,
} from "../../../../src/rpc/handler.ts";
import { openListener, type Listener } from "../../../../src/server/listener.ts";
import { memoryLog } from "../../../server/support/memory-log.ts";
import { testTlsFiles } from "../../../server/support/test-listener.ts";
import { createFakeReplica, type FakeReplica } from "../../support/fake-replica.ts";
import { now } from "../../support/keys.ts";
import { createState } from "../../support/world.ts";
import { talk, there, type Heard, type Talk } from "./talk.ts";

/** One server in service in cleartext and in TLS, and what it told of calls. */
export interface Twin {
  readonly rpc: RpcServer;
  readonly replica: FakeReplica;
  readonly listener: Listener;
  /** An open session, with or without TLS; another one when the last one has ended. */
  session(over: "cleartext" | "tls"): Promise<http2.ClientHttp2Session>;
  readonly records: CallRecord[];
  readonly keyUses: string[];
  /** That of the call that the fast path took last, unless it was over at once. */
  exchange: Exchange | undefined;
  /** What the clock says. */
  time: Date;
  /** The log of the listeners. */
  readonly log: () => string;
}

/** Two servers that differ in nothing but the fast path. */
export interface Twins {
  readonly fast: Twin;
  readonly stock: Twin;
  close(): Promise<void>;
}

/** What a pair of servers may have otherwise than usual. */
export interface TwinOptions {
  readonly allowAnonymous?: boolean;
  readonly checks?: AclChecks;
  readonly identity?: PeerIdentity;
  readonly credentials?: CredentialArea;
}

/** Opens a pair. */
export async function openTwins(options: TwinOptions = {}): Promise<Twins> {
  const closers: (() => Promise<unknown>)[] = [];
  const [fast, stock] = await Promise.all([
    openTwin(true, options, closers),
    openTwin(false, options, closers),
  ]);
  return { fast, stock, close: async () => void (await Promise.all(closers.map((end) => end()))) };
}

async function openTwin(
  takes: boolean,
  { allowAnonymous = false, checks, identity, credentials }: TwinOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Twin> {
  const replica = createFakeReplica(createState());
  const records: CallRecord[] = [];
  const keyUses: string[] = [];
  let requests = 0;
  const rpc = createRpcServer(
    {
      commands: { replica, clock: () => now } as unknown as CommandDeps,
      replica,
      publicServices: [],
      onCall: (record) => records.push(record),
      onKeyUse: (id) => keyUses.push(id),
      clock: () => twin.time,
      ...(identity === undefined ? {} : { identity }),
      credentials,
      newRequestId: () => `request-${(requests += 1)}`,
      shutdownSignal: new AbortController().signal,
      options: { allowAnonymous, freshnessWaitMs: 100, maxTimeoutMs: 60_000 },
    },
    undefined,
    checks,
  );
  const { log, text } = memoryLog();
  const common = { host: "127.0.0.1", port: 0, handler: rpc.handle, limits, log };
  const take: TakeStream = (stream, headers, raw) => {
    const isTaken = rpc.fastPath.take(stream, headers, raw);
    twin.exchange = exchangeOf(stream);
    return isTaken;
  };
  const cleartext = await openListener({
    ...common,
    take: takes ? take : undefined,
    tls: undefined,
  });
  const secure = await openListener({
    ...common,
    take: takes ? take : undefined,
    tls: testTlsFiles,
  });
  const urls = { cleartext: cleartext.url, tls: secure.url };
  const sessions: Partial<Record<"cleartext" | "tls", http2.ClientHttp2Session>> = {};
  closers.push(async () => {
    for (const session of Object.values(sessions)) session.destroy();
    await Promise.all([cleartext.drain(0), secure.drain(0)]);
  });
  const twin: Twin = {
    rpc,
    replica,
    listener: cleartext,
    session: async (over) => {
      const known = sessions[over];
      if (known !== undefined && !known.closed && !known.destroyed) return known;
      const session = connect(urls[over], { rejectUnauthorized: false });
      sessions[over] = session;
      await once(session, "connect");
      await there(session);
      return session;
    },
    records,
    keyUses,
    exchange: undefined,
    time: now,
    log: text,
  };
  return twin;
}

const limits = {
  maxConnections: 100,
  maxStreams: 250,
  maxHeaderBytes: 16_384,
  idleTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  headersTimeoutMs: 60_000,
  maxConnectionAgeMs: undefined,
  connectionAgeGraceMs: 60_000,
};

function connect(
  url: string,
  options: http2.SecureClientSessionOptions = {},
): http2.ClientHttp2Session {
  // Some talks send a header twice that may stand once only.
  const session = http2.connect(url, { ...options, strictSingleValueFields: false } as never);
  session.on("error", () => {});
  return session;
}

/** All that is to be seen of a call. */
export interface Seen extends Heard {
  readonly records: readonly object[];
  readonly keyUses: readonly string[];
}

/** Has a talk with one twin and waits until its record is told. */
export async function see(twin: Twin, request: Talk, over: "cleartext" | "tls"): Promise<Seen> {
  twin.records.length = 0;
  twin.keyUses.length = 0;
  const heard = await talk(await twin.session(over), request);
  // Some talks are over before the server hears of a call, so that there is no record; and a second one is too many.
  for (let turn = 0; turn < (twin.records.length === 0 ? 20 : 1); turn += 1) {
    await there(await twin.session(over));
  }
  const records = twin.records.map(({ ms: _ms, requestId: _id, cause, ...rest }) => ({
    ...rest,
    cause: textOf(cause),
  }));
  return { ...heard, headers: heard.headers.map(nameless), records, keyUses: [...twin.keyUses] };
}

function nameless(header: string): string {
  return header.replace(/^(x-request-id: request-)\d+$/, "$1N");
}

function textOf(cause: unknown): string {
  if (cause instanceof Error) return `${cause.name}: ${cause.message} (${textOf(cause.cause)})`;
  return String(cause);
}
