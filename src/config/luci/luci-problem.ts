import { DomainError } from "../../domain/errors.ts";
import type { ConfigProblem } from "../problem.ts";
import type { TextPosition } from "./text-tree.ts";

/** Something in a LUCI file that keeps it from being imported. */
export interface LuciProblem {
  readonly position: TextPosition;
  readonly message: string;
}

const maxShownProblems = 20;

/**
 * Says that a LUCI file cannot be imported, with every problem in the order of the file. The message has
 * one line a problem, `file:line:column: what`, for the first of them.
 */
export class LuciImportError extends DomainError {
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly LuciProblem[]) {
    const sorted = problems
      .map(({ position, message }) => toConfigProblem(file, position, message))
      .sort((left, right) => left.line - right.line || left.column - right.column);
    const shown = sorted
      .slice(0, maxShownProblems)
      .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
    const rest = sorted.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more`);
    super("CONFIG_INVALID", shown.join("\n"), { file });
    this.problems = sorted;
  }
}

function toConfigProblem(file: string, position: TextPosition, message: string): ConfigProblem {
  return { severity: "error", file, ...position, path: "", message, hint: "" };
}
