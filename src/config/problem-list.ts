import { formatPath, unknownPosition, type Place, type Position } from "./place.ts";
import type { ConfigProblem } from "./problem.ts";

/** The most problems that are listed; one more then says how many are left out. */
export const maxProblems = 1000;

/** A hint, or how to make it: that is done only when the problem is listed. */
export type Hint = string | (() => string);

/** Collects the problems of one validation. */
export interface ProblemList {
  /** Adds a problem that refuses the configuration. `position` is given where the place does not tell. */
  error(place: Place, message: string, hint?: Hint, position?: Position): void;
  /** Adds a problem that does not. */
  warning(place: Place, message: string, hint?: Hint, position?: Position): void;
  /** Says that the value at a place could not be read: later problems there would only repeat it. */
  markBroken(place: Place): void;
  hasErrors(): boolean;
  /** All problems: those without a file first, the others in the order of files and positions. */
  list(): readonly ConfigProblem[];
}

interface Entry {
  readonly fileIndex: number;
  readonly problem: ConfigProblem;
}

/** Makes an empty list of problems. */
export function createProblemList(): ProblemList {
  const entries: Entry[] = [];
  const broken = new Set<string>();
  const left = { error: 0, warning: 0 };
  let errors = 0;

  function isBroken({ file, segments }: Place): boolean {
    if (broken.size === 0 || file === undefined) return false;
    return [...segments.keys(), segments.length].some((length) =>
      broken.has(`${file.index}:${formatPath(segments.slice(0, length))}`),
    );
  }

  function add(
    severity: "error" | "warning",
    place: Place,
    message: string,
    hint: Hint = "",
    position?: Position,
  ): void {
    if (isBroken(place)) return;
    if (severity === "error") errors += 1;
    if (entries.length >= maxProblems) {
      left[severity] += 1;
      return;
    }
    const { line, column } = position ?? place.file?.locate(place.segments) ?? unknownPosition;
    const problem: ConfigProblem = {
      severity,
      file: place.file?.path ?? "",
      line,
      column,
      path: formatPath(place.segments),
      message,
      hint: typeof hint === "string" ? hint : hint(),
    };
    entries.push({ fileIndex: place.file?.index ?? -1, problem });
  }

  return {
    error: (place, message, hint, position) => add("error", place, message, hint, position),
    warning: (place, message, hint, position) => add("warning", place, message, hint, position),
    markBroken: ({ file, segments }) => {
      if (file !== undefined) broken.add(`${file.index}:${formatPath(segments)}`);
    },
    hasErrors: () => errors > 0,
    list: () => {
      const problems = entries.toSorted(compareEntries).map((entry) => entry.problem);
      return left.error + left.warning === 0 ? problems : [...problems, summaryOf(left)];
    },
  };
}

function compareEntries(left: Entry, right: Entry): number {
  return (
    left.fileIndex - right.fileIndex ||
    left.problem.line - right.problem.line ||
    left.problem.column - right.problem.column
  );
}

function summaryOf(left: { readonly error: number; readonly warning: number }): ConfigProblem {
  return {
    severity: left.error > 0 ? "error" : "warning",
    file: "",
    ...unknownPosition,
    path: "",
    message: `there are ${left.error} more errors and ${left.warning} more warnings`,
    hint: `only the first ${maxProblems} problems are listed; mend them and validate again`,
  };
}
