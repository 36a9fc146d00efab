import type { CaseResult } from "../../commands/run-policy-test.ts";
import type { TestedConfig } from "../../commands/test-config.ts";
import { counted, plain } from "../print.ts";
import { formatWhy } from "./why.ts";

/** The lines for a failed case: where its test stands, what was expected and what came, and why. */
export function formatFailure(result: CaseResult): readonly string[] {
  const { test, about } = result;
  const place = `${plain(test.file)}:${test.line}:${test.column}`;
  return [`${place}: failed: ${plain(test.name)}: ${plain(about)}`, ...indented(whyFailed(result))];
}

/** What was expected of a case and what came, and why; control characters are escaped. */
export function whyFailed({
  expected,
  actual,
  detail,
  identity,
  explanation,
}: CaseResult): readonly string[] {
  return [
    `expected ${expected}, got ${actual}`,
    ...(detail === "" ? [] : [plain(detail)]),
    ...(explanation === undefined ? [] : formatWhy(explanation, identity)),
  ];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

/** `12 cases passed`, `1 of 12 cases failed`. */
export function summarize(cases: readonly CaseResult[]): string {
  const failed = cases.filter(({ passed }) => !passed).length;
  if (failed > 0) return `${failed} of ${counted(cases.length, "case")} failed`;
  return `${counted(cases.length, "case")} passed`;
}

/** The object of `--json` (docs/cli.md). */
export function toJsonReport({ problems, cases }: TestedConfig): unknown {
  return {
    ran: cases !== undefined,
    passed: cases?.filter(({ passed }) => passed).length ?? 0,
    failed: cases?.filter(({ passed }) => !passed).length ?? 0,
    problems,
    cases: (cases ?? []).map((result) => {
      const { test, about, passed, expected, actual, detail, identity, explanation } = result;
      const { name, file, line, column } = test;
      const why = explanation === undefined ? [] : formatWhy(explanation, identity);
      return { name, about, file, line, column, passed, expected, actual, detail, why };
    }),
  };
}
