import { isLoopback } from "../domain/loopback.ts";
import type { DatabaseChoice } from "../storage/database.ts";
import type { OptionName, OptionValues } from "./options-table.ts";
import type { StructuredName, StructuredValues } from "./structured-options.ts";

/** What is checked: the good values, and the names of those that were given. */
export interface CheckedOptions {
  readonly values: Partial<OptionValues>;
  readonly structured: Partial<StructuredValues>;
  readonly given: ReadonlySet<OptionName | StructuredName>;
}

/**
 * The rules that hold between options. `given` names those that somebody set, to a good value or not. The
 * database is undefined when the choice is not a good one.
 */
export function checkOptions({ values, structured, given }: CheckedOptions): {
  readonly database: DatabaseChoice | undefined;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  if (given.has("tls_cert_file") !== given.has("tls_key_file")) {
    const neither =
      values.tls_self_signed === true ? "a certificate that each start makes anew" : "cleartext";
    problems.push(`tls_cert_file and tls_key_file: give both, or neither for ${neither}`);
  }
  problems.push(...checkClientCertificates(values, given));
  problems.push(...checkIssuers(structured));
  problems.push(...checkStaleness(values));
  if (given.has("signing_keys_dir") && given.has("signing_keys")) {
    problems.push("signing_keys_dir and signing_keys: give one of them");
  }
  if (values.reuse_port === true) problems.push(...checkReusePort(values, given));
  const { embedded, database_url: url } = values;
  if (given.has("embedded") && given.has("database_url")) {
    problems.push(
      "embedded and database_url: choose one database: unset DATABASE_URL to use the embedded one, or leave out embedded",
    );
  } else if (embedded !== undefined) {
    if (given.has("snapshot_file")) {
      problems.push(
        "snapshot_file: leave it out with the embedded database, which is never down while the server is up",
      );
    }
    problems.push(...checkLoopback(values));
    return { database: { kind: "embedded", directory: embedded }, problems };
  } else if (url !== undefined) {
    return { database: { kind: "postgres", url }, problems };
  } else if (!given.has("embedded") && !given.has("database_url")) {
    problems.push(
      "no database: set DATABASE_URL to that of a Postgres (postgres://user@host/name), or give --embedded DIRECTORY for a single process on this machine",
    );
  }
  return { database: undefined, problems };
}

function checkClientCertificates(
  { tls_self_signed: selfSigned }: Partial<OptionValues>,
  given: ReadonlySet<OptionName | StructuredName>,
): readonly string[] {
  const servesTls = given.has("tls_cert_file") || selfSigned !== false;
  if (given.has("tls_client_ca_file") && !servesTls) {
    return [
      "tls_client_ca_file: clients show certificates over TLS only; give tls_cert_file or tls_self_signed too",
    ];
  }
  if (given.has("client_certificates") && !given.has("tls_client_ca_file")) {
    return [
      "client_certificates: give tls_client_ca_file too, or no client is asked for a certificate",
    ];
  }
  if (given.has("tls_client_ca_file") && !given.has("client_certificates")) {
    return ["tls_client_ca_file: give client_certificates too, or every certificate is nobody's"];
  }
  return [];
}

// The claim `iss` chooses the issuer, so there is one of each name.
function checkIssuers({ jwt_issuers: issuers = [] }: Partial<StructuredValues>): readonly string[] {
  const names = issuers.map(({ issuer }) => issuer);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    return first === index
      ? []
      : [`jwt_issuers[${index}].issuer: is that of jwt_issuers[${first}]`];
  });
}

// A snapshot is confirmed once a poll; by then it must not be too old already.
function checkStaleness(values: Partial<OptionValues>): readonly string[] {
  const { max_staleness: maxStaleness, poll_interval: pollInterval } = values;
  if (maxStaleness === undefined || pollInterval === undefined) return [];
  if (maxStaleness >= 2 * pollInterval) return [];
  return [
    "max_staleness and poll_interval: max_staleness must be at least twice poll_interval, or a healthy server is not ready between two polls",
  ];
}

function checkReusePort(
  { listen, tls_self_signed: selfSigned }: Partial<OptionValues>,
  given: ReadonlySet<OptionName | StructuredName>,
): readonly string[] {
  const problems: string[] = [];
  if (listen?.port === 0) {
    problems.push(
      "listen and reuse_port: give the port that the processes share; 0 gives each a port of its own",
    );
  }
  if (!given.has("metrics_listen")) {
    problems.push(
      "reuse_port: give metrics_listen too, since each process needs one of its own; off if there is none",
    );
  }
  if (selfSigned === true && !given.has("tls_cert_file")) {
    problems.push(
      "reuse_port and tls_self_signed: give tls_cert_file and tls_key_file too, or each process shows another certificate",
    );
  }
  if (given.has("embedded")) {
    problems.push(
      "reuse_port: leave it out with the embedded database, which one process has for itself",
    );
  }
  return problems;
}

function checkLoopback(values: Partial<OptionValues>): readonly string[] {
  const { listen, metrics_listen: metrics } = values;
  const problem = (name: string): string =>
    `${name}: must be a loopback address with the embedded database; use Postgres to serve other machines`;
  return [
    ...(listen === undefined || isLoopback(listen.host) ? [] : [problem("listen")]),
    ...(metrics === undefined || metrics === "off" || isLoopback(metrics.host)
      ? []
      : [problem("metrics_listen")]),
  ];
}
