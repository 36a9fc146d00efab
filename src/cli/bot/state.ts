import { Option } from "commander";
import {
  BotService,
  SetBotStateResponseSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import {
  InstanceStateSchema,
  RunnerStateSchema,
  type InstanceState,
  type RunnerState,
} from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { filledArgument, revisionArgument, wholeArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { enumArgument, wordsOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { formatBotStates } from "./format-bot.ts";

interface StateOptions {
  readonly runner?: RunnerState;
  readonly instance?: InstanceState;
  readonly agentId?: bigint;
  readonly expectedVersion?: bigint;
}

/** Adds `bot state`. */
export const addBotState: AddCommand = (parent, cli) => {
  parent
    .command("state")
    .argument("[bot]", "its id (default: the bot whose token is sent)", filledArgument)
    .description(
      "Tell how the runner or the machine of a bot fares. For provisioners of its realm; the bot itself tells of its runner only.",
    )
    .addOption(
      new Option(
        "--runner <state>",
        `the runner's next state: ${wordsOf(RunnerStateSchema).join(", ")}`,
      ).argParser(enumArgument(RunnerStateSchema)),
    )
    .addOption(
      new Option(
        "--instance <state>",
        `the machine's next state: ${wordsOf(InstanceStateSchema).join(", ")}`,
      ).argParser(enumArgument(InstanceStateSchema)),
    )
    .option("--agent-id <number>", "the id that the forge gave the runner", wholeArgument)
    .option("--expected-version <number>", "refuse when it has changed since", revisionArgument)
    .addHelpText(
      "after",
      examples(
        ["the machine is being made", "fleetgate bot state vm1-m1 --instance creating"],
        ["and runs", "fleetgate bot state vm1-m1 --instance running"],
        [
          "the bot says so itself",
          "fleetgate bot state --runner installing --header-file boot.token",
        ],
      ),
    )
    .action(
      cli.action(async (given: string | undefined, options: StateOptions) => {
        const { runner, instance, agentId, expectedVersion } = options;
        if (runner === undefined && instance === undefined && agentId === undefined) {
          throw usageError("say --runner, --instance or --agent-id: there is nothing to tell");
        }
        const response = await withConnection(cli, (connection) =>
          connection.client(BotService).setBotState({
            botId: given ?? "",
            ...(runner === undefined ? {} : { runnerState: runner }),
            ...(instance === undefined ? {} : { instanceState: instance }),
            ...(agentId === undefined ? {} : { agentId }),
            ...(expectedVersion === undefined ? {} : { expectedVersion }),
          }),
        );
        const { bot } = response;
        const lines = bot === undefined ? [] : [`bot ${plain(bot.botId)}: ${formatBotStates(bot)}`];
        show(cli, SetBotStateResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
