import type { DescService } from "@bufbuild/protobuf";
import {
  ConnectError,
  createClient,
  type Client,
  type Interceptor,
  type Transport,
} from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { isLoopback } from "../domain/loopback.ts";
import { createClientSession } from "./client-session.ts";
import { usageError } from "./cli-error.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { defaultEndpoint } from "./default-endpoint.ts";
import { explainConnectError } from "./explain-connect-error.ts";
import { readHeaderFile, type HeaderFile } from "./header-file.ts";
import type { Io } from "./io.ts";
import { nonEmpty } from "./non-empty.ts";
import { printNotes } from "./print.ts";
import { findClientCertificate, readTlsOptions } from "./tls-options.ts";

/** A connection to a server, opened with the first call. */
export interface Connection {
  /** A client for one of its services. */
  readonly client: <S extends DescService>(service: S) => Client<S>;
}

/**
 * Runs `use` with a connection as the global options say, and ends the connection, so that the process
 * can end. Errors of calls become CliErrors.
 */
export async function withConnection<T>(
  cli: Cli,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const globals = cli.globals();
  const endpoint = readEndpoint(globals, cli.io);
  const headerFile = globals.headerFile ?? nonEmpty(cli.io.env["FLEETGATE_HEADER_FILE"]);
  const headers = headerFile === undefined ? [] : readHeaders(cli.io, headerFile, endpoint);
  const certificate = findClientCertificate(globals, cli.io);
  const tls = readTlsOptions(globals, cli.io, certificate, endpoint);
  const session = createClientSession(endpoint, tls);
  const transport: Transport = createConnectTransport({
    baseUrl: endpoint.href,
    httpVersion: "2",
    sessionManager: session,
    defaultTimeoutMs: globals.timeout,
    interceptors: [warnOfAge(cli.io), sendHeaders(headers)],
  });
  try {
    return await use({ client: (service) => createClient(service, transport) });
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    throw explainConnectError(error, {
      endpoint: endpoint.href.replace(/\/$/, ""),
      ...{ headerFile, headers },
      clientCertFile: certificate?.cert.path,
      timeoutMs: globals.timeout,
    });
  } finally {
    session.close();
  }
}

/** How many seconds old a snapshot is before that is said: servers hear of their database each second. */
const notableAge = 30;

/** Says once when a server has not heard of its database for long: what it answers may be outdated. */
function warnOfAge(io: Io): Interceptor {
  let said = false;
  return (next) => async (request) => {
    const response = await next(request);
    const age = Number(response.header.get("fleetgate-snapshot-age") ?? "0");
    if (age >= notableAge && !said) {
      said = true;
      printNotes(
        io,
        `warning: the server has not heard of its database for ${age} s; this may be outdated`,
      );
    }
    return response;
  };
}

function readEndpoint(globals: GlobalOptions, io: Io): URL {
  const text = globals.endpoint ?? nonEmpty(io.env["FLEETGATE_ENDPOINT"]) ?? defaultEndpoint;
  return parseEndpoint(text, globals.endpoint === undefined ? "$FLEETGATE_ENDPOINT" : "--endpoint");
}

/** Reads the URL of a server, which `from` names; a usage error when it is none. Never quotes it: it may hold a password. */
export function parseEndpoint(text: string, from: string): URL {
  const rule = `${from}: it must be http://HOST[:PORT] or https://HOST[:PORT]`;
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw usageError(rule);
  }
  if (url.username !== "" || url.password !== "") {
    throw usageError(
      `${from}: it must not hold a user name or a password`,
      "put the credential into a header file and name that with --header-file",
    );
  }
  if (url.search !== "" || url.hash !== "") throw usageError(rule);
  return url;
}

function readHeaders(io: Io, path: string, endpoint: URL): HeaderFile["headers"] {
  const { headers, warning } = readHeaderFile(path);
  if (warning !== undefined) printNotes(io, `warning: ${warning}`);
  if (endpoint.protocol === "http:" && !isLoopback(endpoint.hostname)) {
    printNotes(
      io,
      `warning: the credential goes to ${endpoint.host} unencrypted; use an https:// endpoint`,
    );
  }
  return headers;
}

function sendHeaders(headers: HeaderFile["headers"]): Interceptor {
  return (next) => (request) => {
    for (const [name, value] of headers) request.header.append(name, value);
    return next(request);
  };
}
