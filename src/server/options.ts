import type { HeldKeys } from "../credentials/keys/held-key.ts";
import type { CertificateRule } from "../identity/certificate-rule.ts";
import type { JwtIssuerOptions } from "../identity/jwt-issuer.ts";
import type { DatabaseChoice } from "../storage/database.ts";
import type { ConnectionLimits } from "./connection-limits.ts";
import { checkOptions } from "./check-options.ts";
import { gatherOptions, type OptionSources } from "./gather-options.ts";
import type { LogLevel } from "./log-levels.ts";
import type { Address } from "./option-kinds.ts";
import { OptionsError } from "./options-error.ts";
import type { OptionValues } from "./options-table.ts";
import type { SelfSignedTls } from "./self-signed/self-signed-tls.ts";
import type { StructuredValues } from "./structured-options.ts";
import type { TlsFiles } from "./tls-files.ts";

/** How a server process runs. Times are in milliseconds. */
export interface ServerOptions {
  readonly listen: Address;
  /** Whether other processes may listen there too. */
  readonly reusePort: boolean;
  /** Undefined: no metrics are served. */
  readonly metrics: Address | undefined;
  readonly database: DatabaseChoice;
  /** Undefined: cleartext. */
  readonly tls: TlsFiles | SelfSignedTls | undefined;
  readonly allowAnonymous: boolean;
  /** Whose JWTs prove who a peer is; no two of the same name. */
  readonly jwtIssuers: readonly JwtIssuerOptions[];
  /** What client certificates map to; the first rule that fits decides. */
  readonly clientCertificates: readonly CertificateRule[];
  readonly maxStalenessMs: number;
  /** Undefined: the snapshot is kept in memory only. */
  readonly snapshotFile: string | undefined;
  readonly freshnessWaitMs: number;
  readonly pollIntervalMs: number;
  /** Whether the server listens for changes besides asking for them. */
  readonly notify: boolean;
  /** How long credentials in memory are used after the database was lost; 0: not at all. */
  readonly outageGraceMs: number;
  /** Whether nothing is kept closed here, whoever holds a gate. */
  readonly ignoreGates: boolean;
  readonly auditRetentionMs: number;
  /** The directory of the keys that sign; undefined: there is none. */
  readonly signingKeysDir: string | undefined;
  /** The keys that sign; undefined: they are not given here. */
  readonly signingKeys: HeldKeys | undefined;
  readonly maxCallTimeoutMs: number;
  readonly shutdownGraceMs: number;
  /** Whether unary calls of AclService over HTTP/2 are answered without Connect's handlers. */
  readonly fastPath: boolean;
  readonly logLevel: LogLevel;
  readonly logCalls: boolean;
  readonly limits: ConnectionLimits;
}

/**
 * Reads the options of a server: a flag goes before an environment variable, that before the options
 * file, and that before the default. Flags are keyed by the name of their option (`max_staleness`);
 * undefined: not given. Throws OptionsError with all problems at once.
 */
export function readServerOptions(sources: OptionSources): ServerOptions {
  const gathered = gatherOptions(sources);
  const checked = checkOptions(gathered);
  const all = [...gathered.problems, ...checked.problems];
  if (all.length > 0 || checked.database === undefined) throw new OptionsError(all);
  return toServerOptions(gathered.values as OptionValues, gathered.structured, checked.database);
}

// No option for these: no client of ours needs longer for them.
const headersTimeoutMs = 10_000;
const connectionAgeGraceMs = 60_000;

function toServerOptions(
  values: OptionValues,
  structured: Partial<StructuredValues>,
  database: DatabaseChoice,
): ServerOptions {
  return {
    listen: values.listen,
    reusePort: values.reuse_port,
    metrics: values.metrics_listen === "off" ? undefined : values.metrics_listen,
    database,
    tls: tlsOf(values),
    allowAnonymous: values.allow_anonymous,
    jwtIssuers: structured.jwt_issuers ?? [],
    clientCertificates: structured.client_certificates ?? [],
    maxStalenessMs: values.max_staleness,
    snapshotFile: values.snapshot_file,
    freshnessWaitMs: values.freshness_wait,
    pollIntervalMs: values.poll_interval,
    notify: values.notify,
    outageGraceMs: values.outage_grace,
    ignoreGates: values.ignore_gates,
    auditRetentionMs: values.audit_retention,
    signingKeysDir: values.signing_keys_dir,
    signingKeys: values.signing_keys,
    maxCallTimeoutMs: values.max_call_timeout,
    shutdownGraceMs: values.shutdown_grace,
    fastPath: values.fast_path,
    logLevel: values.log_level,
    logCalls: values.log_calls,
    limits: {
      maxConnections: values.max_connections,
      maxStreams: values.max_streams,
      maxHeaderBytes: values.max_header_bytes,
      idleTimeoutMs: values.idle_timeout,
      requestTimeoutMs: values.request_timeout,
      headersTimeoutMs: Math.min(headersTimeoutMs, values.request_timeout),
      maxConnectionAgeMs:
        values.max_connection_age === "off" ? undefined : values.max_connection_age,
      connectionAgeGraceMs,
    },
  };
}

function tlsOf(values: OptionValues): TlsFiles | SelfSignedTls | undefined {
  const {
    tls_cert_file: certFile,
    tls_key_file: keyFile,
    tls_client_ca_file: clientCaFile,
  } = values;
  const files = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
  if (values.tls_self_signed) return { kept: files, clientCaFile };
  return files === undefined ? undefined : { ...files, clientCaFile };
}
