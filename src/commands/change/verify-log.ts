import { DomainError, invalidField } from "../../domain/errors.ts";
import { formatRevisionToken } from "../../replica/revision-token.ts";
import type { Storage } from "../../storage/database.ts";
import { translateStorageError } from "../../storage/errors.ts";
import { verifyChanges, type Verification } from "../../storage/history/verify-changes.ts";
import { readRevisionPoint } from "../../storage/revision-point.ts";
import type { CommandDeps } from "../deps.ts";

/** What a verification of the log found. */
export interface VerifiedLog extends Verification {
  readonly revisionToken: string;
}

/** Which changes to verify; see ChangeService.VerifyChanges. */
export interface VerifyLogInput {
  /** 0n: the oldest. */
  readonly firstRevision: bigint;
  /** 0n: the newest. */
  readonly lastRevision: bigint;
}

/** The databases whose log is being verified by this process. */
const verified = new WeakSet<Storage>();

/**
 * Verifies the chain of hashes of the log, also of a database whose history this process does not follow. One at a time
 * in a process; ends when the signal aborts. Fails with INVALID_FIELD, LIMIT_EXCEEDED (`verifications`) or
 * STORAGE_UNAVAILABLE.
 */
export async function verifyLog(
  { storage }: CommandDeps,
  { firstRevision, lastRevision }: VerifyLogInput,
  signal: AbortSignal,
): Promise<VerifiedLog> {
  if (firstRevision < 0n) throw invalidField("first_revision", "must not be negative");
  if (lastRevision < 0n) throw invalidField("last_revision", "must not be negative");
  if (lastRevision > 0n && lastRevision < firstRevision) {
    throw invalidField("last_revision", "must not be below first_revision");
  }
  if (verified.has(storage)) {
    throw new DomainError("LIMIT_EXCEEDED", "the log is being verified already; wait for that", {
      limit: "verifications",
    });
  }
  verified.add(storage);
  try {
    const found = await verifyChanges(storage.db, firstRevision, lastRevision, signal);
    return { ...found, revisionToken: formatRevisionToken(await readRevisionPoint(storage)) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw translateStorageError(error);
  } finally {
    verified.delete(storage);
  }
}
