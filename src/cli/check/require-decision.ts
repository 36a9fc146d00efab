import { CliError } from "../cli-error.ts";
import { exitCodes } from "../exit-code.ts";

/**
 * Throws unless an answer of AclService says by which revision it was decided, as every success does: what a proxy has cut off
 * to nothing must not count as a permit.
 */
export function requireDecision({ revisionToken }: { readonly revisionToken: string }): void {
  if (revisionToken === "") throw withoutDecision();
}

/** The error of an answer that decides nothing. */
export function withoutDecision(): CliError {
  return new CliError("the server answered without a decision", { exitCode: exitCodes.failed });
}
