import { Option } from "commander";
import {
  BotService,
  RequeueBotResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { countArgument, filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { formatBotStates } from "./format-bot.ts";

/** Adds `bot requeue`. */
export const addBotRequeue: AddCommand = (parent, cli) => {
  parent
    .command("requeue")
    .argument("<bot>", "its id", filledArgument)
    .description(
      "Begin the next attempt to set up a bot whose instance is in state error: all its tokens are dead. For provisioners of its realm.",
    )
    .addOption(
      new Option("--generation <number>", "the generation that failed, from bot get")
        .argParser(countArgument)
        .makeOptionMandatory(),
    )
    .addHelpText(
      "after",
      examples(
        ["its machine could not be made", "fleetgate bot state vm2-m1 --instance error"],
        ["try again", "fleetgate bot requeue vm2-m1 --generation 1"],
      ),
    )
    .action(
      cli.action(async (botId: string, { generation }: { readonly generation: number }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).requeueBot({ botId, expectedGeneration: generation }),
        );
        const { bot } = response;
        const lines =
          bot === undefined
            ? []
            : [`bot ${plain(bot.botId)}: generation ${bot.generation}, ${formatBotStates(bot)}`];
        show(cli, RequeueBotResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
