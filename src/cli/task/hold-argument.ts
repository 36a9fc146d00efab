import { InvalidArgumentError } from "commander";

/** A hold as the command line says it: `TASK/HOLD`. */
export interface HoldArgument {
  readonly taskId: string;
  readonly holdId: string;
}

/** Reads a hold, as `task register` prints it. */
export function holdArgument(text: string): HoldArgument {
  const at = text.indexOf("/");
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError("It must be TASK/HOLD, as task register prints it.");
  }
  return { taskId: text.slice(0, at), holdId: text.slice(at + 1) };
}

/** Reads one more hold of several. */
export function holdsArgument(
  text: string,
  before: readonly HoldArgument[] | undefined,
): readonly HoldArgument[] {
  return [...(before ?? []), holdArgument(text)];
}
