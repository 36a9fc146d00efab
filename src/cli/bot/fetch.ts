import {
  BotService,
  FetchOnceResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printNotes } from "../print.ts";
import { readSecret } from "../read-secret.ts";
import { show } from "../show.ts";

/** Adds `bot fetch`. */
export const addBotFetch: AddCommand = (parent, cli) => {
  parent
    .command("fetch")
    .argument("<name>", "the name of the secret", filledArgument)
    .description(
      "Fetch the reference of a one-time secret: once a generation, whoever asks. For a bot by its boot token, and for provisioners to which the bot showed it.",
    )
    .option(
      "--boot-token-file <file>",
      "the boot token that the bot showed; - for standard input (default: the bot asks itself)",
      filledArgument,
    )
    .addHelpText(
      "after",
      examples(
        ["the bot itself", "fleetgate bot fetch registration --header-file boot.token"],
        [
          "a service to which the bot showed its token",
          "fleetgate bot fetch registration --boot-token-file shown.token",
        ],
      ),
    )
    .action(
      cli.action(async (name: string, options: { readonly bootTokenFile?: string }) => {
        const { bootTokenFile } = options;
        const token =
          bootTokenFile === undefined
            ? ""
            : await readSecret(cli.io, bootTokenFile, "a boot token");
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).fetchOnce({ name, token }),
        );
        const { fetchId, reference } = response;
        if (fetchId !== "" && !cli.globals().json) {
          printNotes(
            cli.io,
            `if it comes to nothing: fleetgate bot return-fetch ${plain(fetchId)}`,
          );
        }
        show(cli, FetchOnceResponseSchema, response, [plain(reference)]);
        return exitCodes.ok;
      }),
    );
};
