import { randomBytes, randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { CommandDeps } from "./commands/deps.ts";
import { createKeyUseRecorder, type KeyUseRecorder } from "./commands/record-key-use.ts";
import { isLoopback } from "./domain/loopback.ts";
import { AclService } from "./gen/fleetgate/acl/v1/acl_service_pb.ts";
import { ApiKeyService } from "./gen/fleetgate/admin/v1/api_key_service_pb.ts";
import { ConfigService } from "./gen/fleetgate/admin/v1/config_service_pb.ts";
import { createReplica, type Replica } from "./replica/replica.ts";
import { createRpcHandler } from "./rpc/handler.ts";
import { createCallLog } from "./server/call-log.ts";
import { logEngineWarning } from "./server/engine-warning-log.ts";
import { createHealth } from "./server/health.ts";
import { createHttpProbes } from "./server/http-probes.ts";
import { createLimitedLog } from "./server/limited-log.ts";
import { openListener, type Listener } from "./server/listener.ts";
import { createLog } from "./server/log.ts";
import { openMetricsListener } from "./server/metrics-listener.ts";
import { createMetrics } from "./server/metrics.ts";
import type { ServerOptions } from "./server/options.ts";
import { createReflection } from "./server/reflection.ts";
import { openStorage, type Storage } from "./storage/database.ts";
import { checkSchema, migrate } from "./storage/migrate.ts";

/** A running Fleetgate. */
export interface App {
  /** Where it serves, `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** Where its metrics are; undefined when they are off. */
  readonly metricsUrl: string | undefined;
  /** What it stores in, without secrets. */
  readonly database: string;
  readonly log: Logger;
  readonly replica: Replica;
  /** What commands work with, for code that embeds the server. */
  readonly commands: CommandDeps;
  /**
   * Ends it: health turns to NOT_SERVING, connections are told to go away, calls under way finish within
   * the shutdown grace, what was opened is closed in reverse order. May be called again: it is one stop.
   */
  stop(): Promise<void>;
}

/** How often the last use of keys is written. */
const keyUseIntervalMs = 60_000;

/** How often health looks whether the snapshot is still usable. */
const healthIntervalMs = 1000;

const services = [AclService, ConfigService, ApiKeyService] as const;

/**
 * Starts a server: opens the database, loads the first snapshot, opens the ports. An embedded database is
 * migrated; a Postgres whose schema is behind is refused. Fails with a DomainError, SchemaError,
 * EmbeddedLockedError or ListenError; what was opened until then is closed.
 */
export async function startApp(options: ServerOptions): Promise<App> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: ServerOptions,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<App> {
  const log = createLog({ level: options.logLevel });
  const storage = await openDatabase(options, log);
  closers.push(() => storage.close());

  const replica = createFollowingReplica(storage, options, log, closers);
  const keyUse = createKeyUseRecorder(storage, keyUseIntervalMs);
  closers.push(() => keyUse.close());
  await replica.start();
  closers.push(() => replica.close());

  const commands: CommandDeps = { storage, replica, clock: () => new Date(), randomBytes };
  const { listener, metricsUrl, drain } = await openPorts(options, log, commands, keyUse, closers);
  log.info(
    { url: listener.url, metrics_url: metricsUrl, database: storage.description },
    "serving",
  );

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info("stopping");
    await drain();
    await close();
    log.info("stopped");
  };
  return {
    url: listener.url,
    metricsUrl,
    database: storage.description,
    log,
    replica,
    commands,
    stop: () => (stopping ??= stop()),
  };
}

async function openDatabase(options: ServerOptions, log: Logger): Promise<Storage> {
  const storage = await openStorage(options.database, {
    onIdleError: (error) => log.warn({ err: error }, "a database connection broke while idle"),
  });
  try {
    if (storage.kind === "embedded") {
      await migrate(storage, { onProgress: (name) => log.info({ migration: name }, "migrating") });
    }
    const { ahead } = await checkSchema(storage);
    if (ahead.length > 0) {
      log.warn({ migrations: ahead }, "the database has migrations of a later release");
    }
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

function createFollowingReplica(
  storage: Storage,
  options: ServerOptions,
  log: Logger,
  closers: (() => void)[],
): Replica {
  const warnings = createLimitedLog(log);
  closers.push(() => warnings.close());
  const { maxStalenessMs, pollIntervalMs } = options;
  return createReplica(
    storage,
    { maxStalenessMs, pollIntervalMs, now: () => performance.now() },
    {
      onState: (state) => log.info({ revision: state.revision.toString() }, "new snapshot"),
      onFailure: (error) =>
        log.error({ err: error }, "the database does not answer; checks go on from memory"),
      onRecovery: () => log.info("the database answers again"),
      onForeign: (message) => warnings.write("error", "foreign", {}, message),
      onWarning: (warning) => logEngineWarning(warnings, warning),
    },
  );
}

async function openPorts(
  options: ServerOptions,
  log: Logger,
  commands: CommandDeps,
  keyUse: KeyUseRecorder,
  closers: (() => Promise<void> | void)[],
): Promise<{
  readonly listener: Listener;
  readonly metricsUrl: string | undefined;
  /** Turns callers away and lets calls under way finish, within the shutdown grace. */
  readonly drain: () => Promise<void>;
}> {
  const { replica } = commands;
  const shutdown = new AbortController();
  const health = createHealth(services);
  const reflection = createReflection([...services, health.service.service]);
  const publicServices = [health.service, ...reflection];
  const callLog = createCallLog(log, { everyCall: options.logCalls });
  closers.push(() => callLog.close());

  let listener: Listener | undefined;
  const metrics = createMetrics({
    services: [...services, ...publicServices.map(({ service }) => service)],
    snapshot: () => {
      const state = replica.current();
      const ageMs = replica.ageMs();
      return state === undefined || ageMs === undefined
        ? undefined
        : { revision: state.revision, ageMs };
    },
    connections: () => listener?.connections() ?? { http1: 0, http2: 0 },
    refusedConnections: () => listener?.refusedConnections() ?? 0,
  });
  const handler = createRpcHandler({
    commands,
    replica,
    publicServices,
    onCall: (record) => {
      metrics.observeCall(record);
      callLog.logCall(record);
    },
    onKeyUse: keyUse.record,
    clock: commands.clock,
    newRequestId: randomUUID,
    shutdownSignal: shutdown.signal,
    options: {
      allowAnonymous: options.allowAnonymous,
      freshnessWaitMs: options.freshnessWaitMs,
      maxTimeoutMs: options.maxCallTimeoutMs,
    },
  });
  let draining = false;
  const isReady = (): boolean => !draining && replica.current() !== undefined;
  const pulse = setInterval(() => health.setServing(isReady()), healthIntervalMs);
  pulse.unref();
  closers.push(() => clearInterval(pulse));

  let metricsUrl: string | undefined;
  if (options.metrics !== undefined) {
    const opened = await openMetricsListener({ ...options.metrics, metrics, log });
    closers.push(() => opened.close());
    metricsUrl = opened.url;
  }
  listener = await openListener({
    ...options.listen,
    tls: options.tls,
    handler: createHttpProbes(isReady, handler),
    limits: options.limits,
    log,
  });
  const opened = listener;
  closers.push(() => opened.drain(0));
  warnOfCleartext(options, log);
  health.setServing(isReady());
  return {
    listener,
    metricsUrl,
    drain: async () => {
      draining = true;
      health.setServing(false);
      health.close();
      // Calls that wait for freshness end by themselves; what is open after that are streams.
      const timer = setTimeout(() => shutdown.abort(), options.freshnessWaitMs);
      await opened.drain(options.shutdownGraceMs);
      clearTimeout(timer);
      shutdown.abort();
    },
  };
}

function warnOfCleartext({ listen, tls }: ServerOptions, log: Logger): void {
  if (tls === undefined && !isLoopback(listen.host)) {
    log.warn({ host: listen.host }, "serving without TLS: credentials cross the network readable");
  }
}
