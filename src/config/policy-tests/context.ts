import type { ProblemList } from "../problem-list.ts";
import type { Known } from "../rules/known.ts";

/** What the checks of a test work with. */
export interface TestContext {
  readonly problems: ProblemList;
  /** Undefined: nobody knows what is declared. */
  readonly known: Known | undefined;
}
