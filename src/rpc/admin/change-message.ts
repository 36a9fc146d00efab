import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { ChangeSchema } from "../../gen/fleetgate/admin/v1/change_service_pb.ts";
import type { LoggedChange } from "../../storage/history/logged-change.ts";
import { toSummary } from "./convert-config.ts";

/** A change of the log as the contract has it. */
export function toChange(change: LoggedChange): MessageInitShape<typeof ChangeSchema> {
  const { revision, at, author, reason, source = "", summary, itemsPruned } = change;
  return {
    revision,
    at: timestampFromDate(at),
    author,
    reason,
    source,
    summary: toSummary(summary),
    itemsPruned,
  };
}

// The years 1 to 9999, which is what a timestamp may hold.
const firstSecond = -62_135_596_800n;
const lastSecond = 253_402_300_799n;

/**
 * The whole millisecond at or after a time: times of changes are whole, so that none is between. Undefined when there
 * is no time, an invalid Date when it is none.
 */
export function readTime(time: Timestamp | undefined): Date | undefined {
  if (time === undefined) return undefined;
  const { seconds, nanos } = time;
  const isGood =
    seconds >= firstSecond && seconds <= lastSecond && nanos >= 0 && nanos <= 999_999_999;
  return new Date(isGood ? Number(seconds) * 1000 + Math.ceil(nanos / 1e6) : NaN);
}
