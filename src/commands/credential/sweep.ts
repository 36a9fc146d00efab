import { appendAudit } from "../../storage/credential/audit.ts";
import { countDue, sweepCredentials, type Swept } from "../../storage/credential/sweep.ts";
import { translateStorageError } from "../../storage/errors.ts";
import type { Storage } from "../../storage/storage.ts";
import { inReadTransaction } from "../../storage/transaction.ts";

/** How to sweep. */
export interface SweepOptions {
  /** For how many milliseconds audit events are kept. */
  readonly auditMs: number;
  /** Only count. */
  readonly dryRun?: boolean;
  /** Whether to wait for another sweep that is at work; else it is left to that one. */
  readonly wait: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Removes what is past its retention: holds, credentials, the hashes of dead ones, subjects, claims, events of the log, audit events, what
 * replicas said of their keys. Undefined: another sweep was at work. Fails with STORAGE_UNAVAILABLE.
 */
export async function sweep(storage: Storage, options: SweepOptions): Promise<Swept | undefined> {
  const { auditMs, dryRun = false } = options;
  try {
    if (dryRun) return await inReadTransaction(storage, (tx) => countDue(tx, auditMs));
    const swept = await sweepCredentials(storage, options);
    if (swept !== undefined) await tell(storage, swept);
    return swept;
  } catch (error) {
    throw translateStorageError(error);
  }
}

/** Writes into the audit that there was something of which nothing is left to be seen. */
async function tell(storage: Storage, swept: Swept): Promise<void> {
  const { managers, credentials, subjects, audit_events: auditEvents } = swept;
  if (managers + credentials + subjects + auditEvents === 0) return;
  const actor = { caller: "", source: "", requestId: "" };
  await appendAudit(storage.db, [{ event: "swept", actor, detail: { ...swept } }]);
}
