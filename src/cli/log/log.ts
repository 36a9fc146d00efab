import type { AddCommand } from "../cli.ts";
import { addLogErase } from "./erase.ts";
import { addLogList } from "./list.ts";
import { addLogPrune } from "./prune.ts";
import { addLogShow } from "./show.ts";
import { addLogVerify } from "./verify.ts";

/** Adds `log` and its commands. */
export const addLog: AddCommand = (parent, cli) => {
  const log = parent
    .command("log")
    .description("Tell who changed what, when and why. By itself it lists the changes.");
  addLogList(log, cli);
  addLogShow(log, cli);
  addLogVerify(log, cli);
  addLogPrune(log, cli);
  addLogErase(log, cli);
};
