/**
 * What every command ends with. 1 is a decision, or a policy test that failed, and nothing else, so that
 * a script can tell "no" from "nobody knows".
 */
export const exitCodes = {
  /** Yes, or done. */
  ok: 0,
  /** The check was made and the answer is no. */
  denied: 1,
  /** The command line or a file that it names is wrong. */
  usage: 2,
  /** The configuration has errors. */
  invalidConfiguration: 3,
  /** It failed, or the check could not be made. */
  failed: 4,
} as const;

/** The exit code of a command that one of ours has run, handed on as it is. */
export type ChildExitCode = number & { readonly ofChild: true };

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes] | ChildExitCode;

/** The exit code of another command as one of ours. */
export function childExitCode(code: number): ChildExitCode {
  return code as ChildExitCode;
}
