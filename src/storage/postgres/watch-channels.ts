import type { ClientConfig } from "pg";
import type { WatchEvents, Watcher } from "../storage.ts";
import { listen, type Listening } from "./listening.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** How many milliseconds a connection must have listened to count as a good one. */
const goodAfterMs = 5_000;

/**
 * Listens on channels until it is closed. A connection that is lost is made anew: at once, and then with waits
 * that grow to 2 seconds; one that does not last counts as a failure too.
 */
export function watchChannels(
  config: ClientConfig,
  channels: readonly string[],
  events: WatchEvents,
): Watcher {
  let closed = false;
  let lost = false;
  let listening: Listening | undefined;
  let wake = (): void => undefined;

  /** Listens once, and resolves when that is over: with the reason, and for how long it went well. */
  async function listenOnce(): Promise<{ readonly reason: unknown; readonly goodMs: number }> {
    let readyAt: number | undefined;
    listening = listen(config, channels, {
      onReady: () => {
        readyAt = performance.now();
        if (lost) events.onRestored?.();
        lost = false;
        events.onSignal();
      },
      onNotification: events.onSignal,
    });
    const reason = await listening.ended;
    return { reason, goodMs: readyAt === undefined ? 0 : performance.now() - readyAt };
  }

  async function wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!isClosed()) {
      const { reason, goodMs } = await listenOnce();
      if (isClosed()) return;
      if (!lost) events.onLost?.(reason);
      lost = true;
      failures = goodMs < goodAfterMs ? failures + 1 : 1;
      if (!isClosed()) await wait(retryDelayMs(failures, reason));
    }
  }

  // A function, so that it is looked at anew after each wait.
  const isClosed = (): boolean => closed;
  const running = run();
  return {
    close: async () => {
      closed = true;
      wake();
      listening?.cut();
      await running;
    },
  };
}
