import type { Configuration } from "../../domain/model.ts";
import {
  type PolicyTest as TestMessage,
  TestSuiteSchema,
} from "../../gen/fleetgate/config/v1/test_suite_pb.ts";
import { locateItems, type Located } from "../located-config.ts";
import type { ConfigProblem } from "../problem.ts";
import { createProblemList, type ProblemList } from "../problem-list.ts";
import { readYaml } from "../read-yaml.ts";
import { knownIn } from "../rules/known.ts";
import { within } from "../place.ts";
import { show } from "../show.ts";
import { checkTest } from "./check-test.ts";
import type { PolicyTest } from "./policy-test.ts";

/** A file of policy tests: its name, for problems, and its text in YAML or JSON. */
export interface TestFileInput {
  readonly path: string;
  readonly text: string;
}

/** What files of policy tests hold. */
export interface ReadTests {
  readonly problems: readonly ConfigProblem[];
  /** In the order of files; undefined when there is an error. */
  readonly tests: readonly PolicyTest[] | undefined;
}

/**
 * Reads files of policy tests and finds all problems at once, together with those of names that the
 * configuration under test does not declare; undefined: it has errors, so nobody knows. Never throws.
 */
export function readTestFiles(
  inputs: readonly TestFileInput[],
  configuration: Configuration | undefined,
): ReadTests {
  const problems = createProblemList();
  const known = configuration && knownIn([configuration]);
  const tests: PolicyTest[] = [];
  for (const [index, { path, text }] of inputs.entries()) {
    const wanted = { desc: TestSuiteSchema, firstField: "tests" };
    const file = readYaml(wanted, { path, index, text }, problems);
    if (file === undefined) continue;
    const names = new Set<string>();
    for (const item of locateItems({ file, segments: [] }, "tests", file.message.tests)) {
      const test = checkTest({ problems, known }, item);
      if (test !== undefined) tests.push(test);
      warnRepeated(problems, item, names);
    }
  }
  return { problems: problems.list(), tests: problems.hasErrors() ? undefined : tests };
}

function warnRepeated(
  problems: ProblemList,
  { value, place }: Located<TestMessage>,
  names: Set<string>,
): void {
  if (value.name !== "" && names.has(value.name)) {
    const message = `another test of this file is named ${show(value.name)} too`;
    problems.warning(within(place, "name"), message, "reports tell tests by their names");
  }
  names.add(value.name);
}
