/** A database that could not be reached, or went away. The cause is for the log only. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

// Without a SQLSTATE, pg says these things only in words.
const lostConnection =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout e|Cannot use a pool after|driver has already been destroyed|Postgres connection has been discarded|The server does not support SSL|There was an error establishing an SSL)/;

const socketCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "EADDRNOTAVAIL",
  "ENOTCONN",
  "EMFILE",
  "ENFILE",
]);

/** Whether the connection is at fault and not what was asked: nothing more can be asked on it. */
export function isConnectionFault(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionFault);
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string") {
    return socketCodes.has(code) || ("syscall" in error && error.syscall === "connect");
  }
  return lostConnection.test(error.message);
}
