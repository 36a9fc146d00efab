import {
  BotService,
  GetBotResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { formatBot } from "./format-bot.ts";

/** Adds `bot get`. */
export const addBotGet: AddCommand = (parent, cli) => {
  parent
    .command("get")
    .argument("[bot]", "its id (default: the bot whose token is sent)", filledArgument)
    .description("Show a bot. For provisioners of its realm, and for the bot itself.")
    .addHelpText(
      "after",
      examples(
        ["how does it fare?", "fleetgate bot get vm1-m1"],
        ["its generation", "fleetgate bot get vm1-m1 --json | jq .bot.generation"],
      ),
    )
    .action(
      cli.action(async (botId: string | undefined) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).getBot({ botId: botId ?? "" }),
        );
        const { bot } = response;
        show(cli, GetBotResponseSchema, response, bot === undefined ? [] : formatBot(bot));
        return exitCodes.ok;
      }),
    );
};
