import type { AddCommand } from "../cli.ts";
import { addGroupAdd } from "./add.ts";
import { addGroupCreate } from "./create.ts";
import { addGroupDelete } from "./delete.ts";
import { addGroupGet } from "./get.ts";
import { addGroupImport } from "./import.ts";
import { addGroupList } from "./list.ts";
import { addGroupMembers } from "./members.ts";
import { addGroupRemove } from "./remove.ts";
import { addGroupReturn } from "./return.ts";
import { addGroupTakeOver } from "./take-over.ts";
import { addGroupUpdate } from "./update.ts";

/** Adds `group` and its commands. */
export const addGroup: AddCommand = (parent, cli) => {
  const group = parent
    .command("group")
    .description("Edit groups while checks go on, and look at them.");
  addGroupCreate(group, cli);
  addGroupGet(group, cli);
  addGroupList(group, cli);
  addGroupMembers(group, cli);
  addGroupUpdate(group, cli);
  addGroupDelete(group, cli);
  addGroupAdd(group, cli);
  addGroupRemove(group, cli);
  addGroupImport(group, cli);
  addGroupTakeOver(group, cli);
  addGroupReturn(group, cli);
};
