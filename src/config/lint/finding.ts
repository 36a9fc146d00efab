import type { Place } from "../place.ts";

/** One thing in a valid configuration that is most likely not meant. */
export interface Finding {
  /** The name of the rule that found it. */
  readonly rule: string;
  readonly file: string;
  /** From 1; 0 when unknown. */
  readonly line: number;
  /** From 1; 0 when unknown. */
  readonly column: number;
  /** The field, e.g. `pools[0].realm`. */
  readonly path: string;
  /** What is odd; names in it are quoted. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Takes what a rule finds. A hint that takes a search is made only for a finding that is kept. */
export type Report = (place: Place, message: string, hint: string | (() => string)) => void;
