import { usageError } from "../cli-error.ts";

/** Refuses what is no public id of a credential: most of all a whole token, which is never quoted. */
export function checkCredentialId(id: string): void {
  if (/^[A-Za-z0-9_-]{16}$/.test(id)) return;
  throw usageError(
    "the id of a credential is 16 characters of base64url",
    "`fleetgate credential list` shows the ids; never put a whole token on a command line",
  );
}
