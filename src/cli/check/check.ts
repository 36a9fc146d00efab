import type { AddCommand } from "../cli.ts";
import { addCheckActAs } from "./act-as.ts";
import { addCheckBot } from "./bot.ts";
import { addCheckCreateInRealm } from "./create-in-realm.ts";
import { addCheckEachBot, addCheckEachPool } from "./each.ts";
import { addCheckFilter } from "./filter.ts";
import { addCheckPool } from "./pool.ts";
import { addCheckPools } from "./pools.ts";
import { addCheckServer } from "./server.ts";
import { addCheckTask } from "./task.ts";

/** Adds `check` and its commands. */
export const addCheck: AddCommand = (parent, cli) => {
  const check = parent
    .command("check")
    .description("Ask whether a caller may do something. Ends with 0: permitted, 1: denied.");
  addCheckServer(check, cli);
  addCheckPool(check, cli);
  addCheckPools(check, cli);
  addCheckFilter(check, cli);
  addCheckEachPool(check, cli);
  addCheckEachBot(check, cli);
  addCheckTask(check, cli);
  addCheckBot(check, cli);
  addCheckCreateInRealm(check, cli);
  addCheckActAs(check, cli);
};
