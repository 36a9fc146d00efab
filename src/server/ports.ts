import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { CommandDeps } from "../commands/deps.ts";
import type { CredentialArea } from "../credentials/area.ts";
import { isLoopback } from "../domain/loopback.ts";
import { formatCertificatePin } from "../domain/certificate-pin.ts";
import {
  createRpcServer,
  type CallRecord,
  type PeerIdentity,
  type PublicService,
  type RpcDeps,
  type RpcServer,
} from "../rpc/handler.ts";
import { ourServices } from "../rpc/services.ts";
import { createCallLog } from "./call-log.ts";
import { createClientCertificates } from "./client-certificates.ts";
import type { CredentialSources } from "./credential-metrics.ts";
import type { FollowingStatus } from "./following-metrics.ts";
import { createHealth } from "./health.ts";
import { createHttpProbes } from "./http-probes.ts";
import { openJwtVerifier } from "./jwt-identity.ts";
import { openListener, type Listener } from "./listener.ts";
import { openMetricsListener } from "./metrics-listener.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { ServerOptions } from "./options.ts";
import { createReflection } from "./reflection.ts";
import type { TlsSource } from "./tls-files.ts";

/** What the ports serve, and for whom they note the use of keys. */
export interface PortsDeps {
  readonly options: ServerOptions;
  /** Undefined: cleartext. */
  readonly tls: TlsSource | undefined;
  readonly log: Logger;
  readonly commands: CommandDeps;
  readonly onKeyUse: (keyId: string, at: Date) => void;
  /** Credentials of bots, tasks and runners; absent: there are none. */
  readonly credentials?: CredentialArea | undefined;
  /** What the metrics say about them; absent: nothing. */
  readonly credentialMetrics?: CredentialSources | undefined;
  /** What the metrics say about following the database; absent: there is no file, and nothing is ever foreign. */
  readonly following?: FollowingStatus;
}

/** The open ports of a server. */
export interface Ports {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** Undefined: no metrics are served. */
  readonly metricsUrl: string | undefined;
  /** What clients pin (formatCertificatePin) of the certificate that is shown; undefined unless the server made it itself. */
  readonly tlsFingerprint: () => string | undefined;
  /** Turns callers away, lets calls under way finish within the shutdown grace, and closes all. */
  readonly close: () => Promise<void>;
}

/** How often health looks whether the snapshot is still usable. */
const healthIntervalMs = 1000;

/** Opens the ports of a server. Throws ListenError, or OptionsError for unusable files; then none is open. */
export async function openPorts(deps: PortsDeps): Promise<Ports> {
  const { options, log, commands } = deps;
  const { replica } = commands;
  let draining = false;
  let listener: Listener | undefined;
  const isReady = (): boolean => !draining && replica.current() !== undefined;
  const jwt = openJwtVerifier(options.jwtIssuers, log);
  const health = createHealth(ourServices);
  const publicServices = [
    health.service,
    ...createReflection([...ourServices, health.service.service]),
  ];
  const metrics = createMetrics({
    services: [...ourServices, ...publicServices.map(({ service }) => service)],
    revision: () => replica.current()?.revision,
    ageMs: () => replica.ageMs(),
    connections: () => listener?.connections() ?? { http1: 0, http2: 0 },
    refusedConnections: () => listener?.refusedConnections() ?? 0,
    issuers: jwt.status,
    tls: () => listener?.tlsStatus(),
    following: deps.following ?? { isForeign: () => false, fileConfirmedAt: () => undefined },
    credentials: deps.credentialMetrics,
  });
  const callLog = createCallLog(log, { everyCall: options.logCalls });
  const shutdown = new AbortController();
  const onCall = (record: CallRecord): void => {
    metrics.observeCall(record);
    callLog.logCall(record);
  };
  const certificates = createClientCertificates(() => commands.clock().getTime());
  const identity: PeerIdentity = {
    verifyJwt: jwt.verify,
    certificateRules: options.clientCertificates,
    certificateOf: (request) => certificates.of(request),
  };
  const tlsFingerprint = (): string | undefined => {
    const isOwn = options.tls !== undefined && "kept" in options.tls;
    const sha256 = isOwn ? listener?.tlsStatus()?.fingerprint : undefined;
    return sha256 && formatCertificatePin(sha256);
  };
  const floor = { identity, tlsFingerprint, shutdownSignal: shutdown.signal };
  const rpc = createRpc(deps, publicServices, onCall, floor);

  const metricsPort = await openMetrics(deps, metrics, isReady);
  try {
    listener = await openListener({
      ...options.listen,
      reusePort: options.reusePort,
      tls: deps.tls,
      certificates,
      handler: createHttpProbes(isReady, rpc.handle),
      take: options.fastPath ? rpc.fastPath.take : undefined,
      limits: options.limits,
      log,
    });
  } catch (error) {
    await metricsPort?.close();
    throw error;
  }
  const opened = listener;
  warnOfCleartext(options, log);
  health.setServing(isReady());
  const pulse = setInterval(() => health.setServing(isReady()), healthIntervalMs);
  pulse.unref();
  return {
    url: opened.url,
    metricsUrl: metricsPort?.url,
    tlsFingerprint,
    close: async () => {
      draining = true;
      clearInterval(pulse);
      health.setServing(false);
      health.close();
      // Calls that wait for freshness end by themselves; what is open after that are streams.
      const timer = setTimeout(() => shutdown.abort(), options.freshnessWaitMs);
      await opened.drain(options.shutdownGraceMs);
      clearTimeout(timer);
      shutdown.abort();
      jwt.close();
      await metricsPort?.close();
      callLog.close();
    },
  };
}

function createRpc(
  { options, commands, onKeyUse, credentials }: PortsDeps,
  publicServices: readonly PublicService[],
  onCall: (record: CallRecord) => void,
  floor: Pick<RpcDeps, "identity" | "tlsFingerprint" | "shutdownSignal">,
): RpcServer {
  return createRpcServer({
    commands,
    credentials,
    replica: commands.replica,
    publicServices,
    onCall,
    onKeyUse,
    ...floor,
    clock: commands.clock,
    newRequestId: randomUUID,
    options: {
      allowAnonymous: options.allowAnonymous,
      freshnessWaitMs: options.freshnessWaitMs,
      maxTimeoutMs: options.maxCallTimeoutMs,
    },
  });
}

async function openMetrics(
  { options, log }: PortsDeps,
  metrics: Metrics,
  isReady: () => boolean,
): Promise<Awaited<ReturnType<typeof openMetricsListener>> | undefined> {
  return options.metrics === undefined
    ? undefined
    : openMetricsListener({ ...options.metrics, metrics, isReady, log });
}

function warnOfCleartext({ listen, tls }: ServerOptions, log: Logger): void {
  if (tls === undefined && !isLoopback(listen.host)) {
    log.warn({ host: listen.host }, "serving without TLS: credentials cross the network readable");
  }
}
