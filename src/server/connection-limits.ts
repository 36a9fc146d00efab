/** What one connection, and all of them together, may use. Times are in milliseconds. */
export interface ConnectionLimits {
  /** Open connections; one more is closed as soon as it is accepted. */
  readonly maxConnections: number;
  /** Open calls in one HTTP/2 connection. */
  readonly maxStreams: number;
  /** Bytes of all request headers together. */
  readonly maxHeaderBytes: number;
  /** How long a connection may stay open without a call. */
  readonly idleTimeoutMs: number;
  /** How long a client may take to send one request, and to take delivery of a response that is complete. */
  readonly requestTimeoutMs: number;
  /** How long a client may take for a TLS handshake, an HTTP/2 preface or the headers of a request. */
  readonly headersTimeoutMs: number;
  /** The age at which a connection is asked to end; undefined: none. */
  readonly maxConnectionAgeMs: number | undefined;
  /** How long calls may go on in a connection that was asked to end because of its age. */
  readonly connectionAgeGraceMs: number;
}

/** How often the limits of open connections are looked at: often enough for the shortest of them. */
export function sweepPeriodMs(limits: ConnectionLimits): number {
  const shortest = Math.min(
    limits.idleTimeoutMs,
    limits.requestTimeoutMs,
    limits.headersTimeoutMs,
    limits.maxConnectionAgeMs ?? Infinity,
    limits.connectionAgeGraceMs,
  );
  return Math.max(20, Math.min(1000, Math.floor(shortest / 4)));
}
