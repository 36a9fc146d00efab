import type { ConfigProblem } from "../../config/problem.ts";
import { Problem_Severity, type Problem } from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { counted, plain } from "../print.ts";

/** What of a problem is shown: the parts that the server and the local validation have in common. */
export type ShownProblem = Pick<
  Problem,
  "severity" | "file" | "line" | "column" | "path" | "message" | "hint"
>;

/** The lines for one problem: `file:line:column: error: message`, the field, and the hint. */
export function formatProblem(problem: ShownProblem): readonly string[] {
  const { file, line, column, path, message, hint } = problem;
  // Without a file the problem lies between this source and another one.
  const place = [file, line, column].filter((part) => part !== "" && part !== 0).join(":");
  const severity = isError(problem) ? "error" : "warning";
  return [
    `${place === "" ? "" : `${plain(place)}: `}${severity}: ${plain(message)}`,
    ...(path === "" ? [] : [`  at ${plain(path)}`]),
    ...(hint === "" ? [] : [`  hint: ${plain(hint)}`]),
  ];
}

/** The lines for a problem that was found on this machine. */
export function formatConfigProblem(problem: ConfigProblem): readonly string[] {
  return formatProblem(toShownProblem(problem));
}

/** A problem that was found on this machine, as the server would tell it. */
export function toShownProblem(problem: ConfigProblem): ShownProblem {
  const { ERROR, WARNING } = Problem_Severity;
  return { ...problem, severity: problem.severity === "error" ? ERROR : WARNING };
}

/** Whether the problem keeps the configuration from being applied. */
export function isError(problem: ShownProblem): boolean {
  // A severity that this release does not know counts as an error.
  return problem.severity !== Problem_Severity.WARNING;
}

/** `2 errors, 1 warning in 3 files`. */
export function countProblems(problems: readonly ShownProblem[], files: number): string {
  const errors = problems.filter(isError).length;
  const warnings = problems.length - errors;
  return `${counted(errors, "error")}, ${counted(warnings, "warning")} in ${counted(files, "file")}`;
}
