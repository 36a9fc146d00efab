import type { TakeOverBody } from "../domain/entity.ts";
import type { Db } from "./storage.ts";

/** All take-overs of groups, expired ones too, by the name of the group. */
export async function readTakeOvers(db: Db): Promise<readonly TakeOverBody[]> {
  const rows = await db
    .selectFrom("group_take_over")
    .select(["group_name", "source", "author", "reason", "expires_at"])
    .orderBy("group_name")
    .execute();
  return rows.map(({ group_name: group, source, author, reason, expires_at }) => ({
    group,
    source,
    author,
    reason,
    expiresAt: expires_at.toISOString(),
  }));
}
