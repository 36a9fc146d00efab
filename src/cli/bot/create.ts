import {
  BotService,
  CreateBotResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { filledArgument, repeatableOption } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { formatBot } from "./format-bot.ts";

interface CreateOptions {
  readonly realm: string;
  readonly pool?: string;
  readonly uid?: string;
  readonly oneTime: readonly string[];
}

/** Adds `bot create`. */
export const addBotCreate: AddCommand = (parent, cli) => {
  parent
    .command("create")
    .argument("<bot>", "its id", filledArgument)
    .description(
      "Create a bot: its runner is pending, its instance pending_create. For provisioners of the realm.",
    )
    .requiredOption("--realm <realm>", "its realm, project:realm", filledArgument)
    .option("--pool <pool>", "its pool", filledArgument)
    .option(
      "--uid <uuid>",
      "make a repetition harmless: the same uid is the same bot (default: the server makes one)",
      filledArgument,
    )
    .addOption(
      repeatableOption(
        "--one-time <name=reference>",
        "where a secret is that the bot may fetch once, such as a path in a vault; never the secret itself",
      ),
    )
    .addHelpText(
      "after",
      examples(
        ["a machine that is to be made", "fleetgate bot create vm1-m1 --realm chromium:ci"],
        [
          "one that may fetch its registration token once",
          "fleetgate bot create vm2-m1 --realm chromium:ci --pool chromium.tests --one-time registration=vault:runners/vm2",
        ],
      ),
    )
    .action(
      cli.action(async (botId: string, options: CreateOptions) => {
        const { realm, pool = "", uid = "", oneTime } = options;
        const oneTimeReferences = readReferences(oneTime);
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).createBot({ botId, realm, pool, uid, oneTimeReferences }),
        );
        const { bot } = response;
        show(cli, CreateBotResponseSchema, response, bot === undefined ? [] : formatBot(bot));
        return exitCodes.ok;
      }),
    );
};

// A reference is no secret, but may be more than others need to see: no message quotes it.
function readReferences(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw usageError("--one-time: it must be name=reference");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
