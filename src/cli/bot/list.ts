import { create } from "@bufbuild/protobuf";
import {
  BotService,
  ListBotsResponseSchema,
  type Bot,
  type ListBotsResponse,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import {
  InstanceStateSchema,
  RunnerStateSchema,
} from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { allPages } from "../all-pages.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { wordOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain, printNotes, toColumns } from "../print.ts";
import { show } from "../show.ts";

/** Adds `bot list`. */
export const addBotList: AddCommand = (parent, cli) => {
  parent
    .command("list")
    .description("List the bots of a realm by id. For its provisioners.")
    .requiredOption("--realm <realm>", "project:realm", filledArgument)
    .addHelpText("after", examples(["all of a realm", "fleetgate bot list --realm chromium:ci"]))
    .action(
      cli.action(async ({ realm }: { readonly realm: string }) => {
        const pages = await withConnection(cli, (connection) => {
          const client = connection.client(BotService);
          return allPages<ListBotsResponse>((pageToken) =>
            client.listBots({ realm, pageSize: 1000, pageToken }),
          );
        });
        const bots = pages.flatMap((page) => page.bots);
        const header = ["BOT", "RUNNER", "INSTANCE", "GENERATION", "EPOCH", "POOL", "CREATED"];
        const lines = bots.length === 0 ? [] : toColumns([header, ...bots.map(toRow)]);
        show(cli, ListBotsResponseSchema, create(ListBotsResponseSchema, { bots }), lines);
        if (bots.length === 0) printNotes(cli.io, "no bots");
        return exitCodes.ok;
      }),
    );
};

function toRow(bot: Bot): readonly string[] {
  return [
    plain(bot.botId),
    wordOf(RunnerStateSchema, bot.runnerState),
    wordOf(InstanceStateSchema, bot.instanceState),
    bot.generation.toString(),
    bot.epoch.toString(),
    plain(bot.pool),
    formatTime(bot.createdAt, "-"),
  ];
}
