import type { ChangeSummary } from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { plain, toColumns } from "../print.ts";

/** The lines for what changes: one a kind of entity. */
export function formatSummary(summary: ChangeSummary | undefined): readonly string[] {
  const kinds = summary?.kinds ?? [];
  if (kinds.length === 0) return ["  nothing"];
  return toColumns(
    kinds.map(({ kind, created, updated, deleted }) => [
      `  ${plain(kind)}`,
      `${created} created`,
      `${updated} updated`,
      `${deleted} deleted`,
    ]),
  );
}
