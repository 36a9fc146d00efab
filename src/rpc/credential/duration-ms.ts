import type { Duration } from "@bufbuild/protobuf/wkt";

/**
 * A duration of a request in milliseconds; undefined: it does not say. NaN where its parts do not go together, as the definition of
 * Duration wants it. Whether it is a good one, its reader finds out.
 */
export function durationMs(duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const { nanos } = duration;
  const seconds = Number(duration.seconds);
  const isOne = Math.abs(nanos) < 1_000_000_000 && seconds * nanos >= 0;
  return isOne ? seconds * 1000 + nanos / 1_000_000 : NaN;
}
