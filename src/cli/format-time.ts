import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";

/** A time in UTC, to the second: `2030-01-02T03:04:05Z`; `absent` when there is none. */
export function formatTime(time: Timestamp | undefined, absent: string): string {
  return time === undefined
    ? absent
    : timestampDate(time)
        .toISOString()
        .replace(/\.\d+Z$/, "Z");
}
