import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { problemsOf } from "./problems.ts";

/** Texts and the problems that they have. */
export interface ProblemCase {
  /** The rule, as the title of the test. */
  readonly name: string;
  /** The files, which are named a.yaml, b.yaml and so on. */
  readonly text: string | readonly string[];
  /** Other sources by their names. */
  readonly others?: Readonly<Record<string, string>>;
  /** The problems, each on one line. */
  readonly problems: readonly string[];
}

/** Holds each of the cases in a test of its own. */
export function testProblems(subject: string, cases: readonly ProblemCase[]): void {
  describe(subject, () => {
    for (const { name, text, others, problems } of cases) {
      it(name, () => {
        assert.deepEqual(problemsOf(text, others), problems);
      });
    }
  });
}
