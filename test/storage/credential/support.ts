import { randomUUID } from "node:crypto";
import type { Storage } from "../../../src/storage/storage.ts";

/** What a bot may be asked to begin as; the rest is as CreateBot makes it. */
export interface StoredBot {
  readonly uid?: string;
  readonly id?: string;
  readonly realm?: string;
  readonly state?: string;
  readonly instanceState?: string;
}

/** Puts a bot into a database as it stands, by no command. Returns its uid. */
export async function storeBot(storage: Storage, bot: StoredBot = {}): Promise<string> {
  const uid = bot.uid ?? randomUUID();
  await storage.db
    .insertInto("subject")
    .values({
      uid,
      kind: "bot",
      subject_id: bot.id ?? `b-${uid}`,
      realm: bot.realm ?? "proj:bots",
      state: bot.state ?? "pending",
      instance_state: bot.instanceState ?? "running",
      created_by: "service:provisioner",
    })
    .execute();
  return uid;
}
