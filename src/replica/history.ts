import { Buffer } from "node:buffer";
import type { ChangesAfter, StoredChange } from "../storage/read-changes.ts";
import type { RevisionPoint } from "../storage/revision-point.ts";

/** The database is not the one, or not in the history, that a replica follows. */
export class ForeignHistoryError extends Error {
  override readonly name = "ForeignHistoryError";

  constructor(found: RevisionPoint, mine: RevisionPoint) {
    super(
      `the database is at revision ${found.revision} of ${found.databaseId}, ` +
        `which does not continue revision ${mine.revision} of ${mine.databaseId}`,
    );
  }
}

/** Whether both are the same point of the same history. */
export function isSamePoint(left: RevisionPoint, right: RevisionPoint): boolean {
  return (
    left.databaseId === right.databaseId &&
    left.revision === right.revision &&
    isSameHash(left.chainHash, right.chainHash)
  );
}

/** Whether two hashes are the same. */
export function isSameHash(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Whether the changes lead from one point to where the database stands, each continuing the one before. */
export function leadsOn(
  from: RevisionPoint,
  { point, changes }: ChangesAfter & { readonly changes: readonly StoredChange[] },
): boolean {
  let { revision, chainHash } = from;
  for (const change of changes) {
    if (change.revision !== revision + 1n || !isSameHash(change.prevHash, chainHash)) return false;
    revision = change.revision;
    chainHash = change.hash;
  }
  return isSamePoint(point, { databaseId: from.databaseId, revision, chainHash });
}
