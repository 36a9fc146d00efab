import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { counted, plain, printNotes } from "../print.ts";

/** What is wrong with one place of a file. */
export interface FileProblem {
  /** As the command line names it. */
  readonly file: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** The most problems that are shown. */
const maxShown = 1000;

/** Shows the problems, `file:line: error: message`, and throws a usage error; nothing when there are none. */
export function refuseProblems(io: Io, problems: readonly FileProblem[]): void {
  if (problems.length === 0) return;
  const lines = problems.slice(0, maxShown).map(({ file, line, message }) => {
    const place = line === 0 ? plain(file) : `${plain(file)}:${line}`;
    return `${place}: error: ${plain(message)}`;
  });
  const others = problems.length - lines.length;
  if (others > 0) lines.push(`and ${counted(others, "other")}`);
  printNotes(io, ...lines);
  throw new CliError(`nothing was sent: ${counted(problems.length, "error")}`, {
    exitCode: exitCodes.usage,
  });
}
