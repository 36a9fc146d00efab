/** The levels of a log, from the least to the most talkative. */
export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

/** One of the levels of a log. */
export type LogLevel = (typeof logLevels)[number];
