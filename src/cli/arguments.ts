import { InvalidArgumentError } from "commander";

const unitMilliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a duration such as `500ms`, `30s`, `5m`, `2h` or `90d`, in milliseconds; it must not be 0. */
export function durationArgument(text: string): number {
  const match = /^([1-9][0-9]{0,8})(ms|s|m|h|d)$/.exec(text);
  const unit = unitMilliseconds[match?.[2] ?? ""];
  if (match === null || unit === undefined) {
    throw new InvalidArgumentError("It must be a number and a unit, e.g. 500ms, 30s, 5m, 2h, 90d.");
  }
  return Number(match[1]) * unit;
}

/**
 * Refuses the empty text. On the wire an empty field means a default (the peer, the source `main`, no
 * comparison), which is never what an unset shell variable was meant to say.
 */
export function filledArgument(text: string): string {
  if (text === "") {
    throw new InvalidArgumentError("It must not be empty; leave the option out for its default.");
  }
  return text;
}
