import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../domain/duration.ts";

/** Reads a duration such as `500ms`, `30s`, `5m`, `2h` or `90d`, in milliseconds; it must not be 0. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms === 0) {
    throw new InvalidArgumentError(
      "It must be a number above 0 and a unit, e.g. 500ms, 30s, 5m, 2h, 90d.",
    );
  }
  return ms;
}

// Longer than any server lets a call take, and shorter than the longest wait of a timer.
const maxTimeoutMs = 86_400_000;

/** Reads a timeout of calls, a duration of at most 24h, in milliseconds. */
export function timeoutArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms > maxTimeoutMs) throw new InvalidArgumentError("It must be at most 24h.");
  return ms;
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

const maxCount = 2_147_483_647;

/** Reads a whole number from 0 to 2147483647. */
export function countArgument(text: string): number {
  const count = /^[0-9]{1,10}$/.test(text) ? Number(text) : Infinity;
  if (count > maxCount) {
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${maxCount}.`);
  }
  return count;
}

/**
 * What reads a whole number from 1 to `max`. On the wire 0 is the default of the server, which is not what `0` was meant to say.
 */
export function sizeArgument(max: number): (text: string) => number {
  return (text) => {
    const size = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
    if (size === 0 || size > max) {
      throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
    }
    return size;
  };
}

/** Reads a revision: a whole number from 1. */
export function revisionArgument(text: string): bigint {
  const revision = /^[0-9]{1,18}$/.test(text) ? BigInt(text) : 0n;
  if (revision === 0n) {
    throw new InvalidArgumentError("It must be the number of a revision, from 1.");
  }
  return revision;
}

/** An option that may be given several times, and collects its values; none may be empty. */
export function repeatableOption(flags: string, description: string): Option {
  return new Option(flags, `${description}; repeatable`)
    .argParser((text: string, before: readonly string[]) => [...before, filledArgument(text)])
    .default([], "none");
}

const maxWhole = 9_223_372_036_854_775_807n;

/** Reads a whole number from 1 that a signed 64-bit field can hold. */
export function wholeArgument(text: string): bigint {
  const number = /^[0-9]{1,19}$/.test(text) ? BigInt(text) : 0n;
  if (number === 0n || number > maxWhole) {
    throw new InvalidArgumentError("It must be a whole number from 1.");
  }
  return number;
}
