import { Code, ConnectError } from "@connectrpc/connect";
import type { HealthCheckResponse_ServingStatus } from "../gen/grpc/health/v1/health_pb.ts";

type Status = HealthCheckResponse_ServingStatus;

/** Those who watch the health of a process. */
export interface HealthWatchers {
  /**
   * Tells `current()` at once and then whenever it has changed, until the signal ends the call or the
   * watchers are closed. RESOURCE_EXHAUSTED when too many watch already through the same connection, or
   * in all.
   */
  watch(
    current: () => Status,
    connection: object,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly status: Status }>;
  /** Lets every watcher look again. */
  wake(): void;
  /** Ends the streams when they have told the last change, now and from now on. */
  close(): void;
}

/** How many streams may watch at once. */
export interface WatcherLimits {
  readonly inOneConnection: number;
  readonly inAll: number;
}

/** Makes the watchers of a process. */
export function createHealthWatchers(limits: WatcherLimits): HealthWatchers {
  const wakers = new Set<() => void>();
  const counts = new WeakMap<object, number>();
  let closed = false;

  function wakeAll(): void {
    for (const wake of wakers) wake();
  }

  const countOf = (connection: object): number => counts.get(connection) ?? 0;

  return {
    async *watch(current, connection, signal) {
      if (countOf(connection) >= limits.inOneConnection) throw tooMany("through this connection");
      if (wakers.size >= limits.inAll) throw tooMany("in all");
      let resolve = (): void => {};
      const wake = (): void => resolve();
      wakers.add(wake);
      counts.set(connection, countOf(connection) + 1);
      signal.addEventListener("abort", wake);
      try {
        let sent: Status | undefined;
        while (!signal.aborted) {
          const status = current();
          if (status !== sent) {
            sent = status;
            yield { status };
          } else if (closed) {
            return;
          } else {
            await new Promise<void>((done) => {
              resolve = done;
            });
          }
        }
      } finally {
        wakers.delete(wake);
        counts.set(connection, countOf(connection) - 1);
        signal.removeEventListener("abort", wake);
      }
    },
    wake: wakeAll,
    close() {
      closed = true;
      wakeAll();
    },
  };
}

function tooMany(where: string): ConnectError {
  return new ConnectError(`too many streams watch the health ${where}`, Code.ResourceExhausted);
}
