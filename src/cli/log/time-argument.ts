import { InvalidArgumentError } from "commander";
import { timestampFromMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { parseDuration } from "../../domain/duration.ts";

const day = /^\d{4}-\d{2}-\d{2}$/;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a time: a day, which begins in UTC, an instant with its zone, or a duration, which ends now. Undefined when
 * it is malformed or there is no such day.
 */
export function parseTime(text: string, nowMs: number): Timestamp | undefined {
  const ago = parseDuration(text);
  if (ago !== undefined) return fromMs(nowMs - ago);
  if (!day.test(text) && !instant.test(text)) return undefined;
  // Date takes the 31st of every month for a day.
  const date = text.slice(0, 10);
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date))
    return undefined;
  return fromMs(date === text ? midnight.getTime() : Date.parse(text));
}

// The first day that a timestamp of protobuf can hold; none of our changes is older.
const earliestMs = Date.parse("0001-01-01T00:00:00Z");

function fromMs(ms: number): Timestamp | undefined {
  return Number.isNaN(ms) ? undefined : timestampFromMs(Math.max(ms, earliestMs));
}

/** Reads the value of `--since` and `--until`. */
export function timeArgument(text: string): Timestamp {
  const time = parseTime(text, Date.now());
  if (time === undefined) {
    throw new InvalidArgumentError(
      "It must be a day in UTC (2026-01-31), an instant (2026-01-31T12:00:00Z) or a time ago (7d).",
    );
  }
  return time;
}
