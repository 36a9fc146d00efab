import { Code, ConnectError } from "@connectrpc/connect";
import type { HealthCheckResponse_ServingStatus } from "../gen/grpc/health/v1/health_pb.ts";

type Status = HealthCheckResponse_ServingStatus;

/** Those who watch the health of a process. */
export interface HealthWatchers {
  /**
   * Tells `current()` at once and then whenever it has changed, until the signal ends the call or the
   * watchers are closed. RESOURCE_EXHAUSTED when too many watch already.
   */
  watch(current: () => Status, signal: AbortSignal): AsyncGenerator<{ readonly status: Status }>;
  /** Lets every watcher look again. */
  wake(): void;
  /** Ends the streams when they have told the last change, now and from now on. */
  close(): void;
}

/** Makes the watchers of a process, of whom there are at most `maxWatchers`. */
export function createHealthWatchers(maxWatchers: number): HealthWatchers {
  const wakers = new Set<() => void>();
  let closed = false;

  function wakeAll(): void {
    for (const wake of wakers) wake();
  }

  return {
    async *watch(current, signal) {
      if (wakers.size >= maxWatchers) {
        throw new ConnectError("too many streams watch the health", Code.ResourceExhausted);
      }
      let resolve = (): void => {};
      const wake = (): void => resolve();
      wakers.add(wake);
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
