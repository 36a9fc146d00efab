import { logLevels } from "./log-levels.ts";
import {
  address,
  databaseUrl,
  duration,
  oneOf,
  onOrOff,
  orOff,
  path,
  signingKeyList,
  trueOrFalse,
  wholeNumber,
  type OptionKind,
} from "./option-kinds.ts";

/** An option of a server. */
export interface OptionSpec<T, D extends string | undefined = string | undefined> {
  readonly kind: OptionKind<T>;
  /** Written as a user would write it; undefined: none. */
  readonly preset: D;
  /** What it is for, as a sentence without a full stop. */
  readonly says: string;
  /** The environment variable, where it is not `FLEETGATE_` and the name. */
  readonly variable?: string;
  /** Whether the value may hold a secret: such an option has no flag, since flags are seen by others. */
  readonly secret?: boolean;
}

function option<T, const D extends string | undefined>(
  kind: OptionKind<T>,
  preset: D,
  says: string,
  more: Pick<OptionSpec<T>, "variable" | "secret"> = {},
): OptionSpec<T, D> {
  return { kind, preset, says, ...more };
}

/**
 * Every option of a server by its name in the options file. The environment variables, the flags and
 * docs/options.md follow from this table.
 */
export const optionsTable = {
  listen: option(address, "127.0.0.1:8080", "Where calls and probes are served"),
  reuse_port: option(
    trueOrFalse,
    "false",
    "Whether other processes of the same user that say so too may listen on the same address, which spreads connections over them",
  ),
  metrics_listen: option(orOff(address), "127.0.0.1:9464", "Where `GET /metrics` is served"),
  database_url: option(databaseUrl, undefined, "The Postgres database to use", {
    variable: "DATABASE_URL",
    secret: true,
  }),
  embedded: option(
    path,
    undefined,
    "The directory of the embedded database to use; only with loopback addresses",
  ),
  tls_cert_file: option(path, undefined, "The certificate chain (PEM) to serve TLS with"),
  tls_key_file: option(path, undefined, "The private key (PEM) of the certificate"),
  tls_self_signed: option(
    trueOrFalse,
    "false",
    "Whether the server makes its certificate itself, for clients that know its fingerprint; kept in `tls_cert_file` and `tls_key_file` if those are given",
  ),
  tls_client_ca_file: option(
    path,
    undefined,
    "The certificates (PEM) of those who vouch for client certificates; without it, clients are not asked for one",
  ),
  allow_anonymous: option(
    trueOrFalse,
    "false",
    "Whether calls without a credential may use AclService, as `anonymous:anonymous`",
  ),
  max_staleness: option(
    duration("1s", "30d"),
    "24h",
    "How old a snapshot may get, while the database cannot be reached, before checks fail",
  ),
  snapshot_file: option(
    path,
    undefined,
    "Where the snapshot is kept too, so that the server can start while Postgres is down; only with `database_url`",
  ),
  freshness_wait: option(
    duration("0s", "30s"),
    "1s",
    "How long a call waits for the revision that it asks for",
  ),
  poll_interval: option(
    duration("100ms", "1m"),
    "1s",
    "How often the database is asked for its revision",
  ),
  notify: option(
    onOrOff,
    "on",
    "Whether Postgres tells of changes at once (LISTEN, on a connection of its own), and not only when it is asked",
  ),
  outage_grace: option(
    duration("0s", "1d"),
    "5m",
    "How long tokens of bots, tasks and runners that are in memory stay good while the database cannot be reached; 0s: not at all",
  ),
  ignore_gates: option(
    trueOrFalse,
    "false",
    "Whether this process serves what operators keep closed by gates as if it were open: the way out when a gate stands in the way of something urgent",
  ),
  audit_retention: option(
    duration("1d", "3650d"),
    "90d",
    "How long it is kept what happened to bots, tasks and their credentials",
  ),
  signing_keys_dir: option(
    path,
    undefined,
    "The directory of the keys that sign URLs and assertions and find tokens of forges, as files `<purpose>-<key id>.key`",
  ),
  signing_keys: option(
    signingKeyList,
    undefined,
    "These keys themselves, such as `url/k1:BASE64`, with spaces between; with neither, an embedded database makes its own",
    { secret: true },
  ),
  max_call_timeout: option(
    duration("1s", "24h"),
    "1h",
    "The longest deadline that a client may set for a call",
  ),
  max_connections: option(
    wholeNumber(1, 1_000_000),
    "4096",
    "How many connections may be open; one more is closed on arrival",
  ),
  max_streams: option(
    wholeNumber(1, 10_000),
    "250",
    "How many calls may be open in one HTTP/2 connection",
  ),
  max_header_bytes: option(
    wholeNumber(1024, 1_048_576),
    "16384",
    "How many bytes the headers of a request may have together",
  ),
  idle_timeout: option(
    duration("1s", "24h"),
    "5m",
    "How long a connection may be open without a call",
  ),
  request_timeout: option(
    duration("1s", "1h"),
    "1m",
    "How long a client may take to send a request, and to take delivery of its response",
  ),
  max_connection_age: option(
    orOff(duration("1s", "24h")),
    "30m",
    "When connections are asked to end, give or take 10 %, so that clients spread over replicas",
  ),
  shutdown_grace: option(
    duration("0s", "10m"),
    "10s",
    "How long calls under way may go on after SIGTERM",
  ),
  fast_path: option(
    onOrOff,
    "on",
    "Whether checks and IdentifyCaller over HTTP/2 take the fast path, which answers the same at a fraction of the cost; off is for comparing",
  ),
  log_level: option(oneOf(logLevels), "info", "The least important lines that are logged"),
  log_calls: option(
    trueOrFalse,
    "false",
    "Whether every call is logged, not only denials and errors",
  ),
} as const;

/** The name of an option in the options file. */
export type OptionName = keyof typeof optionsTable;

/** All names, in the order of the table. */
export const optionNames = Object.keys(optionsTable) as readonly OptionName[];

type ValueOf<O> =
  O extends OptionSpec<infer T, infer D> ? T | (D extends string ? never : undefined) : never;

/** A value for every option; undefined where the table has no default and nobody gave one. */
export type OptionValues = { readonly [K in OptionName]: ValueOf<(typeof optionsTable)[K]> };

/** Whether there is an option of this name. */
export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(optionsTable, name);
}

/** The environment variable of an option. */
export function optionVariable(name: OptionName): string {
  const spec: OptionSpec<unknown> = optionsTable[name];
  return spec.variable ?? `FLEETGATE_${name.toUpperCase()}`;
}

/** The flag of an option (`--max-staleness`), or undefined when it has none. */
export function optionFlag(name: OptionName): string | undefined {
  const spec: OptionSpec<unknown> = optionsTable[name];
  return spec.secret === true ? undefined : `--${name.replaceAll("_", "-")}`;
}
