import type { DomainError } from "../domain/errors.ts";
import { CliError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import { reasonExitCode, reasonHint } from "./reason-hints.ts";

/**
 * Says what an error of this process, not of a server, means. The cause, which a server would keep for its
 * log, is for the operator at the terminal; but not if it repeats the password of the database.
 */
export function explainDomainError(error: DomainError, io: Io): CliError {
  const cause = innermostCause(error);
  // There is no log of a server to look into.
  const hint =
    error.reason === "INTERNAL_FAULT" ? undefined : reasonHint(error.reason, error.metadata);
  const message =
    cause === "" || showsPassword(cause, io.env["DATABASE_URL"])
      ? error.message
      : `${error.message}: ${cause}`;
  return new CliError(message, {
    exitCode: reasonExitCode(error.reason),
    reason: error.reason,
    hint,
    cause: error,
  });
}

function innermostCause(error: Error): string {
  const seen = new Set<unknown>([error]);
  let message = "";
  let current = error.cause;
  while (current instanceof Error && !seen.has(current)) {
    seen.add(current);
    message = current.message;
    current = current.cause;
  }
  return message;
}

function showsPassword(text: string, databaseUrl: string | undefined): boolean {
  const password = URL.parse(databaseUrl ?? "")?.password ?? "";
  if (password === "") return false;
  return text.includes(password) || text.includes(decodePassword(password));
}

function decodePassword(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
