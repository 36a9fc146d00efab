import type { AddCommand } from "../cli.ts";
import { addInspectGroups } from "./groups.ts";
import { addInspectPermissions } from "./permissions.ts";
import { addInspectPrincipals } from "./principals.ts";

/** Adds `inspect` and its commands. */
export const addInspect: AddCommand = (parent, cli) => {
  const inspect = parent
    .command("inspect")
    .description("List who may do what, and who is in which group. Mostly for readers.");
  addInspectPermissions(inspect, cli);
  addInspectPrincipals(inspect, cli);
  addInspectGroups(inspect, cli);
};
