import type { MessageInitShape } from "@bufbuild/protobuf";
import type { KindCount } from "../../domain/count-changes.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import {
  Problem_Severity,
  type ChangeSummarySchema,
  type ProblemSchema,
} from "../../gen/fleetgate/admin/v1/config_service_pb.ts";

const severities: Readonly<Record<ConfigProblem["severity"], Problem_Severity>> = {
  error: Problem_Severity.ERROR,
  warning: Problem_Severity.WARNING,
};

/** A problem as a message. */
export function toProblem(problem: ConfigProblem): MessageInitShape<typeof ProblemSchema> {
  const { file, line, column, path, message, hint } = problem;
  return { severity: severities[problem.severity], file, line, column, path, message, hint };
}

/** A summary as a message. */
export function toSummary(
  summary: readonly KindCount[],
): MessageInitShape<typeof ChangeSummarySchema> {
  return {
    kinds: summary.map(({ kind, created, updated, deleted }) => ({
      kind,
      created,
      updated,
      deleted,
    })),
  };
}
