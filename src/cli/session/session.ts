import type { AddCommand } from "../cli.ts";
import { addSessionClose } from "./close.ts";
import { addSessionOpen } from "./open.ts";
import { addSessionTakeOver } from "./take-over.ts";

/** Adds `session` and its commands. */
export const addSession: AddCommand = (parent, cli) => {
  const session = parent
    .command("session")
    .description("Open, take over and close the session with which a bot works.");
  addSessionOpen(session, cli);
  addSessionTakeOver(session, cli);
  addSessionClose(session, cli);
};
