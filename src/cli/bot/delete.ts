import {
  BotService,
  DeleteBotResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";

/** Adds `bot delete`. */
export const addBotDelete: AddCommand = (parent, cli) => {
  parent
    .command("delete")
    .argument("<bot>", "its id", filledArgument)
    .description(
      "Delete a bot: its tokens are dead, and its id is free. One that is gone is no error. For provisioners of its realm.",
    )
    .option(
      "--uid <uuid>",
      "only the bot of this uid, not one that has the id since",
      filledArgument,
    )
    .addHelpText("after", examples(["the machine is gone", "fleetgate bot delete vm2-m1"]))
    .action(
      cli.action(async (botId: string, { uid = "" }: { readonly uid?: string }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).deleteBot({ botId, uid }),
        );
        show(cli, DeleteBotResponseSchema, response, [`deleted bot ${plain(botId)}`]);
        return exitCodes.ok;
      }),
    );
};
