import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type {
  CallerService,
  WatchRevocationsResponse,
} from "../../../gen/fleetgate/credential/v1/caller_service_pb.ts";
import { reasonOf } from "../../error-info.ts";

/** What a watch tells. Times are milliseconds of a clock of this process that never goes back. */
export interface WatchListener {
  /** A chain of messages begins with this one: what was revoked before it is not told. */
  readonly began: (now: number) => void;
  /** Everything before `completeAt`, by the clock of the database, was told, with this message. */
  readonly told: (now: number, completeAt: number, message: WatchRevocationsResponse) => void;
  /** The stream broke; it goes on where it was, or begins anew. */
  readonly broke: (error: unknown) => void;
}

/** A watch that is open. */
export interface Watch {
  readonly close: () => void;
}

/** The server tells something each second: who is silent for longer is gone. */
const silenceMs = 5000;
const leastPauseMs = 250;
const longestPauseMs = 30_000;

/**
 * Watches revocations until it is closed: opens the stream, again after a pause when it breaks, from where it was. A cursor that
 * the server does not keep any more begins a new chain.
 */
export function watchRevocations(
  callers: Client<typeof CallerService>,
  listener: WatchListener,
  now: () => number = () => performance.now(),
): Watch {
  const closing = new AbortController();
  let cursor = "";
  let failures = 0;

  async function readOnce(): Promise<void> {
    const reading = new AbortController();
    const giveUp = (): void => {
      reading.abort();
    };
    closing.signal.addEventListener("abort", giveUp, { once: true });
    let silence = setTimeout(giveUp, silenceMs);
    try {
      const stream = callers.watchRevocations({ cursor }, { signal: reading.signal });
      for await (const message of stream) {
        clearTimeout(silence);
        silence = setTimeout(giveUp, silenceMs);
        take(message);
      }
    } finally {
      clearTimeout(silence);
      closing.signal.removeEventListener("abort", giveUp);
    }
  }

  function take(message: WatchRevocationsResponse): void {
    const arrivedAt = now();
    if (cursor === "") listener.began(arrivedAt);
    ({ cursor } = message);
    failures = 0;
    const completeAt =
      message.completeAt === undefined ? -Infinity : timestampMs(message.completeAt);
    listener.told(arrivedAt, completeAt, message);
  }

  async function run(): Promise<void> {
    const isClosed = (): boolean => closing.signal.aborted;
    while (!isClosed()) {
      let broken: unknown;
      try {
        await readOnce();
      } catch (error) {
        broken = error;
      }
      if (isClosed()) return;
      if (reasonOf(broken) === "CURSOR_TOO_OLD") cursor = "";
      listener.broke(broken);
      const pauseMs = Math.min(leastPauseMs * 2 ** failures, longestPauseMs);
      failures += 1;
      await pause(pauseMs * (0.5 + Math.random()), closing.signal);
    }
  }

  void run();
  return {
    close: () => {
      closing.abort();
    },
  };
}

/** Waits, and keeps no process alive for it. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms).unref();
    signal.addEventListener("abort", done, { once: true });
  });
}
