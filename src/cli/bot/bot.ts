import type { AddCommand } from "../cli.ts";
import { addBotBootToken } from "./boot-token.ts";
import { addBotCreate } from "./create.ts";
import { addBotDelete } from "./delete.ts";
import { addBotFetch } from "./fetch.ts";
import { addBotGet } from "./get.ts";
import { addBotList } from "./list.ts";
import { addBotRequeue } from "./requeue.ts";
import { addBotReturnFetch } from "./return-fetch.ts";
import { addBotState } from "./state.ts";

/** Adds `bot` and its commands. */
export const addBot: AddCommand = (parent, cli) => {
  const bot = parent
    .command("bot")
    .description("Create bots and follow their lives. For provisioners, and for bots themselves.");
  addBotCreate(bot, cli);
  addBotGet(bot, cli);
  addBotList(bot, cli);
  addBotState(bot, cli);
  addBotRequeue(bot, cli);
  addBotDelete(bot, cli);
  addBotBootToken(bot, cli);
  addBotFetch(bot, cli);
  addBotReturnFetch(bot, cli);
};
