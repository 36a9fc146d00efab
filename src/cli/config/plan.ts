import type { ConfigServiceApplyResponse } from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { printEffects } from "../effects/print-effects.ts";
import type { Io } from "../io.ts";
import { formatItem } from "../log/format-item.ts";
import { printLines, printList, printNotes } from "../print.ts";
import { formatSummary } from "./summary.ts";

/** What a dry run of Apply tells. */
export type Plan = Pick<ConfigServiceApplyResponse, "summary" | "items" | "effects">;

/**
 * Writes what applying would change: how many of each kind, each entity with the fields that differ, and who would
 * gain and lose what. When nothing differs, only a note: standard output is empty exactly then.
 */
export function printPlan(io: Io, source: string, { summary, items, effects }: Plan): void {
  if (summary === undefined || summary.kinds.length === 0) {
    printNotes(io, `no differences: nothing would change in source ${source}`);
    return;
  }
  printLines(io, `would change in source ${source}:`, ...formatSummary(summary));
  printList(io, items.flatMap(formatItem));
  printEffects(io, effects);
}
