import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { findWrongCertificate } from "../client/node/pinned-socket.ts";
import { AclService } from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CliError } from "./cli-error.ts";
import type { Cli } from "./cli.ts";
import { withConnection } from "./connection.ts";
import { defaultEndpoint } from "./default-endpoint.ts";
import { nonEmpty } from "./non-empty.ts";
import { printNotes } from "./print.ts";
import { findClientCertificate } from "./tls-options.ts";

/** What waiting for one server came to. */
export type Reached =
  | { readonly kind: "reached"; readonly endpoint: string }
  | { readonly kind: "late"; readonly endpoint: string; readonly why: string };

/** For what, and how long. */
export interface WaitFor {
  readonly token: string;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** Aborted when another server has ended the wait for all. */
  readonly signal: AbortSignal;
}

/** How long one call may take: longer than a server waits for its own snapshot to be fresh. */
const callMs = 10_000;

/** How long to wait between two calls: the server waits by itself, unless it cannot be reached. */
const pauseMs = 200;

/**
 * Asks one server, again and again, for a check that is as fresh as the token. Whatever the check is answered, the
 * server has reached it. A server that is behind, starting or not there is asked on; throws what no time will mend.
 */
export async function waitForEndpoint(
  cli: Cli,
  named: string | undefined,
  { token, deadlineMs, signal }: WaitFor,
): Promise<Reached> {
  const globals = cli.globals();
  const endpoint =
    named ?? globals.endpoint ?? nonEmpty(cli.io.env["FLEETGATE_ENDPOINT"]) ?? defaultEndpoint;
  const sendsCredential =
    (globals.headerFile ?? nonEmpty(cli.io.env["FLEETGATE_HEADER_FILE"])) !== undefined ||
    findClientCertificate(globals, cli.io) !== undefined;
  let why: string | undefined;
  const late = (): Reached => ({ kind: "late", endpoint, why: why ?? "it was not asked in time" });
  const isOver = (): boolean => signal.aborted;
  for (;;) {
    const left = deadlineMs - performance.now();
    if (left <= 0 || isOver()) return late();
    const timeout = Math.ceil(Math.min(left, callMs));
    const attempt = { ...cli, globals: () => ({ ...globals, endpoint, timeout }) };
    try {
      await checkAt(attempt, token, signal);
      return { kind: "reached", endpoint };
    } catch (error) {
      if (isOver()) return late();
      if (isDecision(error)) return { kind: "reached", endpoint };
      if (!mayMend(error, sendsCredential)) throw error;
      // The last call is cut short: what an earlier one said tells more.
      if (why === undefined || !isCutShort(error)) why = describe(error);
      if (error.reason === "CREDENTIAL_REQUIRED") {
        printNotes(cli.io, `${endpoint} refuses the credential so far; one that is behind may`);
      }
    }
    await sleep(Math.min(pauseMs, Math.max(0, deadlineMs - performance.now())));
  }
}

// Any check will do; this one needs nothing of the configuration and names nothing of it.
async function checkAt(cli: Cli, token: string, signal: AbortSignal): Promise<void> {
  await withConnection(cli, (connection) =>
    connection.client(AclService).checkServerPerm(
      {
        permission: "swarming.servers.peek",
        consistency: { requirement: { case: "atLeastAsFresh", value: token } },
      },
      { signal },
    ),
  );
}

function isDecision(error: unknown): boolean {
  return error instanceof CliError && error.reason === "PERMISSION_DENIED";
}

const passingReasons: ReadonlySet<string> = new Set([
  "FRESHNESS_NOT_REACHED",
  "CHECK_UNAVAILABLE",
  "STORAGE_UNAVAILABLE",
  // A server that is behind does not know a new key yet.
  "CREDENTIAL_REQUIRED",
]);

/** Whether time may mend it: a server that is behind, or starting, or a connection that failed. */
function mayMend(error: unknown, sendsCredential: boolean): error is CliError {
  if (!(error instanceof CliError) || error.status === undefined) return false;
  if (error.reason === "CREDENTIAL_REQUIRED" && !sendsCredential) return false;
  if (error.reason !== undefined) return passingReasons.has(error.reason);
  // Not Fleetgate: the network, a proxy before a server that is down, or something else at this address.
  const { cause } = error;
  // It is there, and somebody else.
  if (findWrongCertificate(cause) !== undefined) return false;
  return cause instanceof ConnectError && cause.code !== Code.Unimplemented;
}

function isCutShort({ cause }: CliError): boolean {
  return cause instanceof ConnectError && cause.code === Code.DeadlineExceeded;
}

function describe({ reason, message }: CliError): string {
  if (reason === "FRESHNESS_NOT_REACHED") return "it is behind";
  if (reason === "CHECK_UNAVAILABLE") return "it has no snapshot to answer from";
  return message;
}
