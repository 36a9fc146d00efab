import {
  BotService,
  ReturnFetchResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";

/** Adds `bot return-fetch`. */
export const addBotReturnFetch: AddCommand = (parent, cli) => {
  parent
    .command("return-fetch")
    .argument("<fetch>", "the id that bot fetch said", filledArgument)
    .description(
      "Take a fetch back that came to nothing, such as when the forge did not answer. For who fetched on behalf of the bot.",
    )
    .addHelpText(
      "after",
      examples([
        "the forge did not answer",
        "fleetgate bot return-fetch OWYxYzJkM2UtNGI1YS00YzZkLThlN2YtMGExYjJjM2Q0ZTVmLjEuMDEyMzQ1Njc4OWFiY2RlZmdoaWprdy5yZWdpc3RyYXRpb24",
      ]),
    )
    .action(
      cli.action(async (fetchId: string) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).returnFetch({ fetchId }),
        );
        const line = response.returned
          ? "returned: it can be fetched again"
          : "nothing to return: the bot was queued again since, or it was returned before";
        show(cli, ReturnFetchResponseSchema, response, [line]);
        return exitCodes.ok;
      }),
    );
};
