import { randomBytes, randomUUID } from "node:crypto";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import { mintApiKey } from "../commands/api-key.ts";
import { getGroup } from "../commands/group/get-group.ts";
import { DomainError } from "../domain/errors.ts";
import type { AclChecks } from "../rpc/acl/checks.ts";
import { createRpcHandler, type RpcDeps } from "../rpc/handler.ts";
import { ourServices } from "../rpc/services.ts";
import { createHealth } from "../server/health.ts";
import { createReflection } from "../server/reflection.ts";
import { openLoopback } from "./loopback.ts";
import type { MemoryReplica } from "./memory-replica.ts";
import { createMemoryServer } from "./memory-transport.ts";

/** What a key for tests may have otherwise than usual. */
export interface KeyOptions {
  /** When it stops to prove anything; unless given, never. In the past: an expired key. */
  readonly expiresAt?: Date;
}

/** A Fleetgate inside of the process, for tests of services that ask one. */
export interface InMemoryFleetgate {
  /** The way to it for generated clients, as the peer of the options. Calls that bring a bearer of their own keep it. */
  readonly transport: Transport;
  /** The same as another peer, e.g. `user:ann@example.com`. Throws for what cannot hold an API key. */
  transportOf(peer: string): Transport;
  /** Makes an API key of a peer and returns its bearer token. Throws for what cannot hold one. */
  createKey(peer: string, options?: KeyOptions): string;
  /**
   * Whether it can answer. When not, checks are INTERNAL with the constant text and a RetryInfo, as those of
   * a server that has no usable snapshot. It can at first.
   */
  setAvailable(available: boolean): void;
  /**
   * Opens a port of 127.0.0.1 for services in other processes and languages: HTTP/1.1 and HTTP/2 in
   * cleartext, with health and reflection. Calls need a bearer, see createKey. Opens one port however often it is called.
   */
  listen(): Promise<{ readonly url: string }>;
  /** Closes the port and ends all connections. Calls after it fail. */
  close(): Promise<void>;
}

/** The parts that the kinds of in-memory Fleetgates differ in. */
export interface InMemoryParts {
  readonly replica: MemoryReplica;
  /** The identity of the usual peer. */
  readonly peer: string;
  /** Unless given, those of the server. */
  readonly checks?: AclChecks;
}

/** Runs the handler of the server on a replica in memory. Throws for a peer that cannot hold an API key. */
export function serveInMemory({ replica, peer, checks }: InMemoryParts): InMemoryFleetgate {
  const shutdown = new AbortController();
  const health = createHealth(ourServices);
  health.setServing(true);
  const deps = depsOf(replica, shutdown.signal, [
    health.service,
    ...createReflection([...ourServices, health.service.service]),
  ]);
  const handler = createRpcHandler(deps, noOperations, checks);
  const memory = createMemoryServer(handler);
  let port: ReturnType<typeof openLoopback> | undefined;
  let closing: Promise<void> | undefined;

  function createKey(identity: string, options: KeyOptions = {}): string {
    const wanted = { identity, description: "", ttlSeconds: undefined, noExpiry: true };
    const { key, token } = mintApiKey(deps.commands, identity, wanted);
    replica.addKey({ ...key, expiresAt: options.expiresAt?.toISOString() ?? null });
    return token;
  }

  function transportOf(identity: string): Transport {
    const token = createKey(identity);
    return memory.transport(() => token);
  }

  async function close(): Promise<void> {
    health.close();
    shutdown.abort();
    memory.close();
    await (await port)?.close();
  }

  return {
    transport: transportOf(peer),
    transportOf,
    createKey,
    setAvailable: (available) => {
      replica.setUsable(available);
      health.setServing(available);
    },
    listen: async () => {
      if (closing !== undefined) throw new Error("this Fleetgate was closed");
      port ??= openLoopback(handler, () => replica.current() !== undefined);
      return { url: (await port).url };
    },
    close: () => (closing ??= close()),
  };
}

function depsOf(
  replica: MemoryReplica,
  shutdownSignal: AbortSignal,
  publicServices: RpcDeps["publicServices"],
): RpcDeps {
  const clock = (): Date => new Date();
  return {
    commands: { replica, clock, randomBytes, storage: noStorage },
    replica,
    publicServices,
    onCall: () => {},
    onKeyUse: () => {},
    clock,
    newRequestId: randomUUID,
    shutdownSignal,
    options: { allowAnonymous: false, freshnessWaitMs: 1000, maxTimeoutMs: 600_000 },
  };
}

// It can be handed on, as commands are; whoever wants something of it learns that there is none.
const noStorage = new Proxy({} as RpcDeps["commands"]["storage"], {
  get(): never {
    throw new DomainError("STORAGE_UNAVAILABLE", "a Fleetgate in memory has no storage");
  },
});

function unimplemented(): never {
  throw new ConnectError("a Fleetgate in memory has no admin services", Code.Unimplemented);
}

const noOperations = {
  applyConfig: unimplemented,
  validateConfig: unimplemented,
  getConfig: unimplemented,
  exportConfig: unimplemented,
  createApiKey: unimplemented,
  listApiKeys: unimplemented,
  revokeApiKey: unimplemented,
  getGroup,
  createGroup: unimplemented,
  updateGroup: unimplemented,
  deleteGroup: unimplemented,
  addMembers: unimplemented,
  removeMembers: unimplemented,
  importGroups: unimplemented,
  takeOverGroup: unimplemented,
  returnGroup: unimplemented,
  listChanges: unimplemented,
  getChange: unimplemented,
  revertChange: unimplemented,
  verifyChanges: unimplemented,
};
