import type { Logger } from "pino";
import type { LogLevel } from "../../../src/server/log-levels.ts";
import { createLog } from "../../../src/server/log.ts";

/** A log whose lines stay in memory. */
export interface MemoryLog {
  readonly log: Logger;
  /** The lines as they would be written. */
  readonly text: () => string;
  /** The lines, parsed. */
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
}

/** Makes a log that keeps its lines. */
export function memoryLog(level: LogLevel = "debug"): MemoryLog {
  let text = "";
  const log = createLog({
    level,
    output: {
      write(line: string) {
        text += line;
      },
    },
  });
  return {
    log,
    text: () => text,
    lines: () =>
      text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
