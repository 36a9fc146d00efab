import { DomainError } from "../../domain/errors.ts";
import type { ConfigProblem } from "../problem.ts";
import type { TextPosition } from "./text-tree.ts";

/** Something in a LUCI file that keeps it from being imported. */
export interface LuciProblem {
  readonly position: TextPosition;
  readonly message: string;
  /** The field, where the position may be unknown. */
  readonly path?: string;
}

const maxShownProblems = 20;

/** The problems of one file, in the order of its lines. */
export function toConfigProblems(
  file: string,
  problems: readonly LuciProblem[],
): readonly ConfigProblem[] {
  return problems
    .map(({ position, message, path = "" }): ConfigProblem => ({
      severity: "error",
      file,
      ...position,
      path,
      message,
      hint: "",
    }))
    .sort((left, right) => left.line - right.line || left.column - right.column);
}

/**
 * Says that LUCI files cannot be imported, with every problem of each. The message has one line a problem,
 * `file:line:column: what`, for the first of them.
 */
export class LuciImportError extends DomainError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const shown = problems
      .slice(0, maxShownProblems)
      .map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
    const rest = problems.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more`);
    super("CONFIG_INVALID", shown.join("\n"), { file: problems[0]?.file ?? "" });
    this.problems = problems;
  }
}
