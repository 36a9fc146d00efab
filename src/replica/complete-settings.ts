import type { EntityChange } from "../domain/entity.ts";
import type { Db } from "../storage/database.ts";
import { readReasonRequired } from "../storage/read-undone.ts";

/**
 * An item of the log that can be undone: where the previous release deleted settings without telling all of their
 * fields, with what the log tells of them elsewhere. `revision` is that of its change.
 */
export async function completeSettings(
  db: Db,
  revision: bigint,
  change: EntityChange,
): Promise<EntityChange> {
  if (change.kind !== "settings" || change.after !== undefined) return change;
  if (change.before === undefined || "reasonRequired" in change.before) return change;
  const reasonRequired = await readReasonRequired(db, revision);
  const body: object = change.before;
  return { ...change, before: { ...body, reasonRequired } as typeof change.before };
}
