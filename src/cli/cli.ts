import type { Command } from "commander";
import type { ExitCode } from "./exit-code.ts";
import type { Io } from "./io.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  /** Undefined: $FLEETGATE_ENDPOINT, else the default. */
  readonly endpoint?: string;
  /** Undefined: $FLEETGATE_HEADER_FILE, else no headers. */
  readonly headerFile?: string;
  readonly caFile?: string;
  /** Undefined: $FLEETGATE_TLS_FINGERPRINT, else whom the authorities vouch for. */
  readonly tlsFingerprint?: string;
  /** Undefined: $FLEETGATE_CLIENT_CERT_FILE, else none. */
  readonly clientCertFile?: string;
  /** Undefined: $FLEETGATE_CLIENT_KEY_FILE, else none. */
  readonly clientKeyFile?: string;
  /** For each call, in milliseconds. */
  readonly timeout: number;
  readonly json: boolean;
}

/** What every command file is handed. */
export interface Cli {
  readonly io: Io;
  /** The global options; only inside an action, when they have been read. */
  readonly globals: () => GlobalOptions;
  /** Makes a commander action of a handler that returns the exit code. */
  readonly action: <A extends unknown[]>(
    handler: (...args: A) => Promise<ExitCode> | ExitCode,
  ) => (...args: A) => Promise<void>;
}

/** Adds one command, or a family of commands, to its parent. */
export type AddCommand = (parent: Command, cli: Cli) => void;

/** The text under a command's help: what it is for, and the line to type. */
export function examples(...pairs: readonly (readonly [what: string, line: string])[]): string {
  const lines = pairs.map(([what, line]) => `  # ${what}\n  $ ${line}`);
  return `\nExamples:\n${lines.join("\n")}`;
}
