import { Buffer } from "node:buffer";
import type { AcceptedRestoreBody } from "../domain/entity.ts";
import { invalidField } from "../domain/errors.ts";
import { checkSchema } from "../storage/migrate.ts";
import type { LoggedChange } from "../storage/history/logged-change.ts";
import { readChange } from "../storage/history/read-change.ts";
import { readPosition, type RevisionPoint } from "../storage/revision-point.ts";
import { inReadTransaction } from "../storage/transaction.ts";
import { writeChange } from "../storage/write-change.ts";
import type { Db } from "../storage/database.ts";
import { databaseAuthors } from "./database-authors.ts";
import { tokenOf, type WriteDeps } from "./deps.ts";
import { checkText } from "./input.ts";

/** What an operator declares. */
export interface AcceptRestoreInput {
  /** Why; must not be empty. */
  readonly reason: string;
  /** Only look. */
  readonly dryRun: boolean;
}

/** Where a database stands, as an operator would recognise it. */
export interface Standing {
  readonly point: RevisionPoint;
  /** What made its newest revision; undefined at revision 0, and when the log does not hold it. */
  readonly newest: LoggedChange | undefined;
}

/** What came of it. */
export interface AcceptedRestore {
  /** Where the database stood before. */
  readonly before: Standing;
  /** What was written; undefined after a dry run. */
  readonly written:
    { readonly id: string; readonly revision: bigint; readonly revisionToken: string } | undefined;
}

/**
 * Declares the history that the database has now to be the valid one, by a change in it. Replicas that refused the
 * database, since it does not continue the history that they followed, load it and follow it; for others it is a
 * revision like any other. Fails with INVALID_FIELD, WRITE_CONFLICT, STORAGE_UNAVAILABLE or a SchemaError.
 */
export async function acceptRestore(
  { storage, clock, randomBytes }: WriteDeps,
  { reason, dryRun }: AcceptRestoreInput,
): Promise<AcceptedRestore> {
  checkText("reason", reason);
  if (reason === "") throw invalidField("reason", "must say why the restore is accepted");
  await checkSchema(storage);
  if (dryRun) {
    return { before: await inReadTransaction(storage, readStanding), written: undefined };
  }
  const id = uuidOf(randomBytes(16));
  const at = clock().toISOString();
  const after: AcceptedRestoreBody = { id, at, author: databaseAuthors.acceptRestore, reason };
  const found: { before?: Standing } = {};
  const result = await writeChange(
    storage,
    { author: databaseAuthors.acceptRestore, reason, requestId: "", requestHash: "" },
    async (tx) => {
      found.before = await readStanding(tx);
      const change = { kind: "accepted_restore", key: id, before: undefined, after } as const;
      return { source: undefined, changes: [change] };
    },
  );
  const { before } = found;
  if (before === undefined) throw new Error("the change was written but not planned");
  return { before, written: { id, revision: result.revision, revisionToken: tokenOf(result) } };
}

async function readStanding(db: Db): Promise<Standing> {
  const point = await readPosition(db);
  return { point, newest: await readChange(db, point.revision) };
}

/** A UUID of version 4. */
function uuidOf(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
