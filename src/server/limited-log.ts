import type { Logger } from "pino";

/** A level at which limited lines are written. */
export type LimitedLevel = "info" | "warn" | "error";

/** Writes lines that a peer can cause at will, so many in a second and no more. */
export interface LimitedLog {
  /**
   * Writes a line unless its `key` had too many in this second. Keys say what kind of line it is; they
   * must not hold what a peer chose, or one peer takes the place of all. Fields may come as a function,
   * which is asked only for lines that are written.
   */
  write(level: LimitedLevel, key: string, fields: object | (() => object), message: string): void;
  /** Writes what was counted last and stops the timer. */
  close(): void;
}

/** Bounds of a limited log. */
export interface LimitedLogOptions {
  /** Lines of one key in a second. */
  readonly linesPerSecond?: number;
  /** Keys that are told apart in a second; all others share one. */
  readonly maxKeys?: number;
}

interface Window {
  written: number;
  suppressed: number;
}

/**
 * Makes a limited log. At the end of each second in which lines were left out, one line for each key
 * says how many (`suppressed`, `of`).
 */
export function createLimitedLog(log: Logger, options: LimitedLogOptions = {}): LimitedLog {
  const { linesPerSecond = 20, maxKeys = 200 } = options;
  const windows = new Map<string, Window>();

  function endWindows(): void {
    for (const [key, { suppressed }] of windows) {
      if (suppressed > 0) log.warn({ suppressed, of: key }, "log lines were left out");
    }
    windows.clear();
  }
  const timer = setInterval(endWindows, 1000).unref();

  function windowOf(key: string): Window {
    const name = windows.has(key) || windows.size < maxKeys ? key : "other";
    const known = windows.get(name);
    if (known !== undefined) return known;
    const window = { written: 0, suppressed: 0 };
    windows.set(name, window);
    return window;
  }

  return {
    write(level, key, fields, message) {
      const window = windowOf(key);
      if (window.written >= linesPerSecond) {
        window.suppressed += 1;
        return;
      }
      window.written += 1;
      log[level](typeof fields === "function" ? fields() : fields, message);
    },
    close() {
      clearInterval(timer);
      endWindows();
    },
  };
}
