import type { Duration } from "@bufbuild/protobuf/wkt";

/** A duration of a request in milliseconds; undefined: it does not say. Whether it is a good one, its reader finds out. */
export function durationMs(duration: Duration | undefined): number | undefined {
  return duration === undefined
    ? undefined
    : Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
}
