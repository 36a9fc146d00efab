import type { DomainError } from "../domain/errors.ts";
import { CliError } from "./cli-error.ts";
import type { Io } from "./io.ts";
import { reasonExitCode, reasonHint } from "./reason-hints.ts";

/**
 * Says what an error of this process, not of a server, means. The cause, which a server would keep for its
 * log, is for the operator at the terminal; but not if it repeats the password of the database.
 */
export function explainDomainError(error: DomainError, io: Io): CliError {
  const { message: cause, code } = innermostCause(error);
  // There is no log of a server to look into.
  const hint =
    error.reason === "INTERNAL_FAULT"
      ? databaseHints.get(code)
      : reasonHint(error.reason, error.metadata);
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

/** What to do about a SQLSTATE. */
const databaseHints: ReadonlyMap<string, string> = new Map([
  [
    "42501",
    "the role of DATABASE_URL may not do that: `log prune` and `log erase` want the role that owns the tables, as `migrate` does",
  ],
]);

function innermostCause(error: Error): { readonly message: string; readonly code: string } {
  const seen = new Set<unknown>([error]);
  let message = "";
  let code = "";
  let current = error.cause;
  while (current instanceof Error && !seen.has(current)) {
    seen.add(current);
    ({ message } = current);
    code = "code" in current && typeof current.code === "string" ? current.code : "";
    current = current.cause;
  }
  return { message, code };
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
