import {
  GetRunnerResponseSchema,
  RunnerService,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { formatRunner } from "./format-runner.ts";

/** Adds `runner get`. */
export const addRunnerGet: AddCommand = (parent, cli) => {
  parent
    .command("get")
    .argument("[runner]", "its id (default: the runner whose token is sent)", filledArgument)
    .description("Show a runner. For administrators of its realm's runners, and for its machines.")
    .addHelpText(
      "after",
      examples(
        ["how does it fare?", "fleetgate runner get linux-1"],
        ["a machine looks", "fleetgate runner get --header-file runner.token"],
      ),
    )
    .action(
      cli.action(async (runnerId: string | undefined) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(RunnerService).getRunner({ runnerId: runnerId ?? "" }),
        );
        const { runner } = response;
        const lines = runner === undefined ? [] : formatRunner(runner);
        show(cli, GetRunnerResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
