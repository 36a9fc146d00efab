import { median, quantile } from "../statistics.ts";
import { formatCount, formatNumber, formatTable } from "../table.ts";
import type { WriteTimes } from "./visibility.ts";

/** Writes, with or without notifications. */
export interface VisibilityRuns {
  readonly plan: { readonly notify: boolean };
  readonly writes: readonly WriteTimes[];
}

/** What the table calls what it tells. */
export interface VisibilityLabels {
  readonly title: string;
  /** Seen by the one in that place. */
  readonly by: (index: number) => string;
  /** Seen by the last of them. */
  readonly byAll: string;
}

/** The table of when writes could be seen. */
export function formatVisibility(
  figures: readonly VisibilityRuns[],
  { title, by, byAll }: VisibilityLabels,
): string {
  const rows = figures.flatMap(({ plan, writes }) => {
    const notify = `NOTIFY ${plan.notify ? "on" : "off"}`;
    const line = (
      label: string,
      pick: (write: (typeof writes)[number]) => number,
      resolution: readonly number[],
    ): readonly string[] => [
      `${notify}, ${label}`,
      formatCount(writes.length),
      ...spread(writes.map((write) => pick(write) - write.dueAt)),
      ...spread(writes.map((write) => Math.max(0, pick(write) - write.acknowledgedAt))),
      ...(resolution.length === 0 ? ["-"] : [formatNumber(median(resolution))]),
    ];
    const places = writes[0]?.seen.map((_, index) => index) ?? [];
    const seenAt = (write: (typeof writes)[number], index: number): number =>
      write.seen[index]?.at ?? NaN;
    return [
      line("acknowledged", (write) => write.acknowledgedAt, []),
      ...places.map((index) =>
        line(
          by(index),
          (write) => seenAt(write, index),
          writes.flatMap(({ seen }) => seen.slice(index, index + 1).map((s) => s.at - s.notBefore)),
        ),
      ),
      line(byAll, (write) => Math.max(...write.seen.map(({ at }) => at)), []),
    ];
  });
  const head = [title, "writes", "due p50", "p99", "max"];
  return formatTable([...head, "acknowledged p50", "p99", "max", "resolution p50"], rows);
}

/** The median, the 99th percentile and the largest. */
export function spread(values: readonly number[]): readonly string[] {
  const ascending = Float64Array.from(values).sort();
  return [0.5, 0.99, 1].map((q) => formatNumber(quantile(ascending, q)));
}
