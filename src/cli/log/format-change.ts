import type { Change } from "../../gen/fleetgate/admin/v1/change_service_pb.ts";
import type { ChangeSummary } from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";

/** The head of a table of changes. */
export const changeHeader = ["REVISION", "TIME", "AUTHOR", "CHANGES", "REASON"] as const;

/** How many counts of a change a row shows: what comes behind them is to be seen too. */
const maxCounts = 4;

/** One change as a row under changeHeader. */
export function toChangeRow(change: Change): readonly string[] {
  const { revision, at, author, source, reason } = change;
  const from = source === "" ? "" : `source ${plain(source)}: `;
  return [
    revision.toString(),
    formatTime(at, "-"),
    plain(author),
    from + formatCounts(change.summary, maxCounts),
    plain(reason),
  ];
}

/** What a change did, in a few words: `+2 group_member, ~1 group, -1 binding`; at most so many, and how many more. */
export function formatCounts(summary: ChangeSummary | undefined, most = Infinity): string {
  const counts = (summary?.kinds ?? []).flatMap(({ kind, created, updated, deleted }) =>
    (
      [
        ["+", created],
        ["~", updated],
        ["-", deleted],
      ] as const
    )
      .filter(([, count]) => count > 0)
      .map(([sign, count]) => `${sign}${count} ${plain(kind)}`),
  );
  if (counts.length === 0) return "nothing";
  const more = counts.length - most;
  return counts.slice(0, most).join(", ") + (more > 0 ? `, and ${more} more` : "");
}
