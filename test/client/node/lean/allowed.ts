import type { Case } from "./case.ts";
import type { Outcome } from "./outcome.ts";

/** Where the lean attempt may end otherwise than that of connect. */
export interface AllowedDifference {
  readonly why: string;
  /** By name, of the corpus. */
  readonly cases: readonly string[];
  /** How the stock attempt ends when it is given a tenth of a second, and how the lean one does. */
  readonly stock: (outcome: Outcome) => boolean;
  readonly lean: (outcome: Outcome) => boolean;
}

/** All of them; a test sees that each is still needed. */
export const allowed: readonly AllowedDifference[] = [
  {
    why: "connect does not notice that a stream ended without headers and waits for the deadline",
    cases: ["reset 0 at once"],
    stock: isError("[deadline_exceeded] the operation timed out"),
    lean: isError("[canceled] the stream ended without an answer"),
  },
];

/** What is allowed of a case; undefined: nothing. */
export function allowanceOf({ name }: Case): AllowedDifference | undefined {
  return allowed.find(({ cases }) => cases.includes(name));
}

function isError(text: string): (outcome: Outcome) => boolean {
  return (outcome) => outcome.kind === "error" && outcome.text === text;
}
