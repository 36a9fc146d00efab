import { Option } from "commander";
import {
  CreateRunnerResponseSchema,
  RunnerService,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { filledArgument, sizeArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { formatRunner } from "./format-runner.ts";

interface CreateOptions {
  readonly realm: string;
  readonly pool?: string;
  readonly maxManagers?: number;
}

/** Adds `runner create`. */
export const addRunnerCreate: AddCommand = (parent, cli) => {
  parent
    .command("create")
    .argument("<runner>", "its id", filledArgument)
    .description(
      "Create a runner, for which no machine works yet. For administrators of the realm's runners.",
    )
    .requiredOption("--realm <realm>", "its realm, project:realm", filledArgument)
    .option("--pool <pool>", "its pool", filledArgument)
    .addOption(
      new Option(
        "--max-managers <count>",
        "how many machines may work for it, 1 to 10000 (default: 100)",
      ).argParser(sizeArgument(10_000)),
    )
    .addHelpText(
      "after",
      examples(
        [
          "one for a pool",
          "fleetgate runner create linux-1 --realm chromium:ci --pool chromium.tests",
        ],
        [
          "one for a single machine",
          "fleetgate runner create signer --realm chromium:ci --max-managers 1",
        ],
      ),
    )
    .action(
      cli.action(async (runnerId: string, options: CreateOptions) => {
        const { realm, pool = "", maxManagers = 0 } = options;
        const response = await withConnection(cli, (connection) =>
          connection.client(RunnerService).createRunner({ runnerId, realm, pool, maxManagers }),
        );
        const { runner } = response;
        const lines = runner === undefined ? [] : formatRunner(runner);
        show(cli, CreateRunnerResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
