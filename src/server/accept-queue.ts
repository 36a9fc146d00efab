import type { Server } from "node:net";

/**
 * Resolves when no connection waits to be accepted, or after `patienceMs`. The system resets those that wait when a server
 * closes, although their clients take them for open. Node takes one from the queue a turn of its event loop, so the
 * queue is empty once a whole turn brought none; a second one lets those that came last say what they want.
 */
export function whenAllAccepted(server: Server, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = performance.now() + patienceMs;
    let came = false;
    // The turn that is under way may have looked before this began.
    let quiet = -1;
    const onConnection = (): void => {
      came = true;
    };
    const look = (): void => {
      quiet = came ? 0 : quiet + 1;
      came = false;
      if (quiet < 2 && performance.now() < deadline) {
        setImmediate(look);
        return;
      }
      server.off("connection", onConnection);
      server.off("drop", onConnection);
      resolve();
    };
    server.on("connection", onConnection);
    server.on("drop", onConnection);
    setImmediate(look);
  });
}
