/** A table in Markdown, its columns aligned; the first one to the left, all others to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  const line = (cells: readonly string[]): string => `| ${cells.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** A number as people read it: three significant digits, thousands apart; "-" for none. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** A whole number, thousands apart. */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** How many times as much `value` is as `base`. */
export function formatRatio(value: number, base: number): string {
  return Number.isFinite(value / base) ? `${(value / base).toFixed(2)} ×` : "-";
}

/** A share of one core, in per cent. */
export function formatShare(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)} %` : "-";
}
