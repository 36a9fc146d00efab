import { once } from "node:events";
import { sql } from "kysely";
import { openStorage } from "../../../src/storage/database.ts";

// A process of a test: uses a storage in every way, closes it when it is told to, and has nothing more to do then.

const url = process.env["FLEETGATE_TEST_CLOSER_URL"] ?? "";
const storage = await openStorage({ kind: "postgres", url });
await storage.quick((db) => sql`select 1`.execute(db));
await new Promise<void>((resolve) => {
  storage.watch("fleetgate_revision", { onSignal: () => resolve() });
});
const closeNow = once(process, "message");
process.send?.("open");
await closeNow;
await storage.close();
process.disconnect();
