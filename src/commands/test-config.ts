import { readTestFiles, type TestFileInput } from "../config/policy-tests/read-test-files.ts";
import type { ConfigProblem } from "../config/problem.ts";
import type { ConfigFileInput } from "../config/read-files.ts";
import { validateConfiguration } from "../config/validate.ts";
import { defaultSource } from "../domain/names.ts";
import { inspectionOf } from "../replica/inspection.ts";
import { createOrigin } from "../replica/origin.ts";
import { runCases, type CaseResult } from "./run-policy-test.ts";

/** A configuration and the policy tests that it is to pass. */
export interface TestConfigInput {
  readonly files: readonly ConfigFileInput[];
  readonly tests: readonly TestFileInput[];
}

/** What testing a configuration came to. */
export interface TestedConfig {
  /** Of the configuration, then of the tests. With an error among them nothing was run. */
  readonly problems: readonly ConfigProblem[];
  /** In the order of files; undefined when nothing was run. */
  readonly cases: readonly CaseResult[] | undefined;
}

/** Tests a configuration as if it were all there is: no other source, no groups edited by hand. */
export function testConfig(input: TestConfigInput): TestedConfig {
  const source = defaultSource;
  const validated = validateConfiguration({ source, files: input.files, others: new Map() });
  const { configuration } = validated;
  const read = readTestFiles(input.tests, configuration);
  const problems = [...validated.problems, ...read.problems];
  if (configuration === undefined || read.tests === undefined) {
    return { problems, cases: undefined };
  }
  const inspection = inspectionOf(createOrigin(0n, new Map([[source, configuration]])));
  return { problems, cases: read.tests.flatMap((test) => runCases(inspection, test)) };
}
