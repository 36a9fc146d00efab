import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import { startSweeper } from "./commands/credential/sweeper.ts";
import type { CommandDeps } from "./commands/deps.ts";
import { createKeyUseRecorder } from "./commands/record-key-use.ts";
import { startOverdueStep } from "./commands/task/overdue-step.ts";
import { openBookkeeping } from "./credentials/open-bookkeeping.ts";
import { openCredentials } from "./credentials/open-credentials.ts";
import type { Replica } from "./replica/replica.ts";
import { startReplica, type SnapshotFile } from "./replica/snapshot-file/start-replica.ts";
import { keepGarbageYoung } from "./server/collector.ts";
import { createCredentialLog } from "./server/credential-log.ts";
import { credentialSources } from "./server/credential-metrics.ts";
import { createLog } from "./server/log.ts";
import type { ServerOptions } from "./server/options.ts";
import { openDatabase } from "./server/open-database.ts";
import { openTls } from "./server/self-signed/self-signed-tls.ts";
import { openSigningKeys } from "./server/open-signing-keys.ts";
import { openPorts } from "./server/ports.ts";
import { readRelease } from "./server/release.ts";
import { createReplicaLog } from "./server/replica-log.ts";
import { createSnapshotFileLog } from "./server/snapshot-file-log.ts";
import { revisionChannel } from "./storage/revision-point.ts";

/** A running Fleetgate. */
export interface App {
  /** Where it serves, `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** Where its metrics are; undefined when they are off. */
  readonly metricsUrl: string | undefined;
  /** What clients pin, `sha256:` and hexadecimal, when it made its certificate itself; else undefined. */
  readonly tlsFingerprint: string | undefined;
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

/**
 * Starts a server: opens the database, loads the first snapshot, opens the ports. An embedded database is
 * migrated; a Postgres whose schema is behind is refused. One that does not answer is waited for if there is a snapshot
 * file that may be used. Fails with OptionsError, DomainError, SchemaError,
 * EmbeddedLockedError or ListenError; what was opened until then is closed.
 */
export async function startApp(options: ServerOptions): Promise<App> {
  keepGarbageYoung();
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
  // Before the database is opened, which takes a while and may change it.
  const tls = await openTls(options.tls, new Date());
  const { storage, silence } = await openDatabase(options, log);
  closers.push(() => storage.close());

  const replicaLog = createReplicaLog(log);
  closers.push(replicaLog.close);
  const { maxStalenessMs, pollIntervalMs } = options;
  const timing = { maxStalenessMs, pollIntervalMs, now: () => performance.now() };
  const { replica, keeper } = await startReplica({
    ...{ storage, silence, options: timing, events: replicaLog.events },
    file: snapshotFileOf(options, log),
  });
  closers.push(() => replica.close());
  if (keeper !== undefined) closers.push(() => keeper.close());
  if (options.notify) {
    const watcher = storage.watch(revisionChannel, {
      onSignal: () => replica.nudge(),
      ...replicaLog.watch,
    });
    closers.push(() => watcher.close());
  }

  const keyUse = createKeyUseRecorder(storage, keyUseIntervalMs);
  closers.push(() => keyUse.close());

  const bookkeeping = openBookkeeping(storage, {
    onStaleReuse: ({ credentialId, identity, realm, actor }) =>
      log.warn(
        { credential_id: credentialId, identity, realm, source: actor.source },
        "a rotated token was shown after its grace: somebody has kept a copy",
      ),
  });
  closers.push(() => bookkeeping.close());
  const keys = await openSigningKeys(options, storage, log);
  closers.push(() => keys.close());
  const credentials = await openCredentials(
    { storage, replica, randomBytes },
    {
      ...{ keyring: keys.keyring, keys, bookkeeping, notify: options.notify },
      ...{ outageGraceMs: options.outageGraceMs, ignoreGates: options.ignoreGates },
      ...createCredentialLog(log),
    },
  );
  closers.push(() => credentials.close());
  const sweeper = startSweeper(storage, {
    auditMs: options.auditRetentionMs,
    onFailure: (err) => log.warn({ err }, "what is past its retention cannot be removed"),
  });
  closers.push(() => sweeper.close());
  const overdue = startOverdueStep(credentials.commands, (err) => {
    log.warn({ err }, "could not write down which tasks are over; it is tried again");
  });
  closers.push(() => overdue.close());

  const commands: CommandDeps = { storage, replica, clock: () => new Date(), randomBytes };
  const ports = await openPorts({
    ...{ options, tls, log, commands, credentials, onKeyUse: keyUse.record },
    credentialMetrics: credentialSources(credentials, {
      ...{ sweeper: sweeper.status, overdue: overdue.counts },
    }),
    following: {
      isForeign: replicaLog.isForeign,
      fileConfirmedAt: () => keeper?.confirmedAt(),
    },
  });
  closers.push(() => ports.close());
  const { url, metricsUrl } = ports;
  const tlsFingerprint = ports.tlsFingerprint();
  const facts = {
    metrics_url: metricsUrl,
    database: storage.description,
    tls_fingerprint: tlsFingerprint,
  };
  const shared = options.reusePort ? { reuse_port: true } : {};
  log.info({ url, ...facts, ...shared }, "serving");

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    log.info("stopping");
    await close();
    log.info("stopped");
  };
  return {
    url,
    metricsUrl,
    tlsFingerprint,
    database: storage.description,
    log,
    replica,
    commands,
    stop: () => (stopping ??= stop()),
  };
}

function snapshotFileOf({ snapshotFile }: ServerOptions, log: Logger): SnapshotFile | undefined {
  if (snapshotFile === undefined) return undefined;
  return {
    path: snapshotFile,
    release: readRelease(),
    wallClock: Date.now,
    events: createSnapshotFileLog(log, snapshotFile),
  };
}
