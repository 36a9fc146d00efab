import { text } from "node:stream/consumers";

/** Where text goes. */
export interface TextSink {
  readonly write: (text: string) => unknown;
}

/** The signals that end a server. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** All that a command has of the world around it, apart from files and the network. */
export interface Io {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads standard input to its end. */
  readonly readStdin: () => Promise<string>;
  /**
   * Settles with the first stop signal from now on, and then listens no more: the second signal ends
   * the process at once, as it does by default.
   */
  readonly stopSignal: () => Promise<StopSignal>;
}

/** The Io of this process. */
export function createProcessIo(): Io {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    readStdin: () => text(process.stdin),
    stopSignal: () =>
      new Promise((resolve) => {
        const stop = (signal: StopSignal): void => {
          process.off("SIGINT", stop);
          process.off("SIGTERM", stop);
          resolve(signal);
        };
        process.on("SIGINT", stop);
        process.on("SIGTERM", stop);
      }),
  };
}
