// A host of tasks in a process of its own: registers one and renews its hold until it is killed.
import { randomUUID } from "node:crypto";
import { openStorage } from "../../../src/storage/database.ts";
import { host1, openTasks } from "./support.ts";

const [url = "", taskId = ""] = process.argv.slice(2);
const tasks = openTasks(await openStorage({ kind: "postgres", url }));
const holdId = randomUUID();
const { token } = await tasks.register(host1, { taskId, holdId, leaseMs: 10_000 });
process.stdout.write(`${token}\n`);
for (;;) {
  const outcome = await tasks.renew(host1, taskId, holdId, 10_000);
  process.stdout.write(`${outcome?.leaseUntil}\n`);
}
