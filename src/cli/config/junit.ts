import type { CaseResult } from "../../commands/run-policy-test.ts";
import type { TestedConfig } from "../../commands/test-config.ts";
import type { ConfigProblem } from "../../config/problem.ts";
import { formatConfigProblem } from "./problems.ts";
import { whyFailed } from "./test-report.ts";

/**
 * A report in the JUnit XML that CI servers read: a suite for each file of tests, a test case for each
 * case. When nothing was run, one suite in which each error of a file is a test case with an error.
 */
export function toJunit({ problems, cases }: TestedConfig): string {
  const suites =
    cases === undefined
      ? [
          problemSuite(
            "configuration",
            problems.filter(({ severity }) => severity === "error"),
          ),
        ]
      : [...byFile(cases)].map(([file, results]) => caseSuite(file, results));
  const tests = cases?.length ?? suites[0]?.count ?? 0;
  const failures = cases?.filter(({ passed }) => !passed).length ?? 0;
  const errors = cases === undefined ? tests : 0;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: "fleetgate config test", tests, failures, errors, time: 0 })}>`,
    ...suites.map(({ xml }) => xml),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly count: number;
  readonly xml: string;
}

function caseSuite(file: string, results: readonly CaseResult[]): Suite {
  const failures = results.filter(({ passed }) => !passed).length;
  const lines = results.map((result) => {
    const { test, about, passed, expected, actual } = result;
    const name = `${test.name}: ${about}`;
    const head = `<testcase ${attributes({ name, classname: file, file, line: test.line, time: 0 })}`;
    if (passed) return `    ${head}/>`;
    const message = `expected ${expected}, got ${actual}`;
    const text = [`${file}:${test.line}:${test.column}`, ...whyFailed(result)].join("\n");
    return `    ${head}><failure ${attributes({ message, type: "failed" })}>${escapeXml(text)}</failure></testcase>`;
  });
  return suite(file, lines, { failures, errors: 0 });
}

function problemSuite(name: string, problems: readonly ConfigProblem[]): Suite {
  const lines = problems.map((problem) => {
    const { file, line, message } = problem;
    const where = file === "" ? name : file;
    const at = {
      name: `${where}:${line}: ${message}`,
      classname: where,
      file: where,
      line,
      time: 0,
    };
    const text = formatConfigProblem(problem).join("\n");
    return `    <testcase ${attributes(at)}><error ${attributes({ message, type: "invalid" })}>${escapeXml(text)}</error></testcase>`;
  });
  return suite(name, lines, { failures: 0, errors: lines.length });
}

function suite(
  name: string,
  lines: readonly string[],
  counts: { readonly failures: number; readonly errors: number },
): Suite {
  const head = attributes({ name, tests: lines.length, ...counts, skipped: 0, time: 0 });
  const xml = [`  <testsuite ${head}>`, ...lines, "  </testsuite>"].join("\n");
  return { count: lines.length, xml };
}

function byFile(cases: readonly CaseResult[]): ReadonlyMap<string, readonly CaseResult[]> {
  return Map.groupBy(cases, ({ test }) => test.file);
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value)).replace(/[\n\r\t]/g, " ")}"`)
    .join(" ");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Escapes a text; what XML 1.0 cannot hold at all (control characters, halves of pairs) is spelt out. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
    .replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
