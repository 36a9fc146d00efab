import {
  RunnerService,
  SetRunnerPausedResponseSchema,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { formatPaused } from "./format-runner.ts";

/** Adds `runner pause`. */
export const addRunnerPause: AddCommand = (parent, cli) => {
  parent
    .command("pause")
    .argument("<runner>", "its id", filledArgument)
    .description(
      "Pause a runner: its machines prove who they are all the same, and finish what they do; who hands out work sees it, and gives them none. For administrators of its realm's runners.",
    )
    .addHelpText("after", examples(["no more work for it", "fleetgate runner pause linux-1"]))
    .action(cli.action((runnerId: string) => setPaused(cli, runnerId, true)));
};

/** Adds `runner resume`. */
export const addRunnerResume: AddCommand = (parent, cli) => {
  parent
    .command("resume")
    .argument("<runner>", "its id", filledArgument)
    .description("Let a paused runner go on. For administrators of its realm's runners.")
    .addHelpText("after", examples(["it gets work again", "fleetgate runner resume linux-1"]))
    .action(cli.action((runnerId: string) => setPaused(cli, runnerId, false)));
};

async function setPaused(cli: Cli, runnerId: string, paused: boolean): Promise<ExitCode> {
  const response = await withConnection(cli, (connection) =>
    connection.client(RunnerService).setRunnerPaused({ runnerId, paused }),
  );
  const { runner } = response;
  const lines =
    runner === undefined ? [] : [`runner ${plain(runner.runnerId)}: ${formatPaused(runner)}`];
  show(cli, SetRunnerPausedResponseSchema, response, lines);
  return exitCodes.ok;
}
