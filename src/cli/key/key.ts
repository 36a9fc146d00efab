import type { AddCommand } from "../cli.ts";
import { addKeyCreate } from "./create.ts";
import { addKeyList } from "./list.ts";
import { addKeyRevoke } from "./revoke.ts";

/** Adds `key` and its commands. */
export const addKey: AddCommand = (parent, cli) => {
  const key = parent.command("key").description("Make, list and end API keys.");
  addKeyCreate(key, cli);
  addKeyList(key, cli);
  addKeyRevoke(key, cli);
};
