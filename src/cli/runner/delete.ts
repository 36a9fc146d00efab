import {
  DeleteRunnerResponseSchema,
  RunnerService,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";

/** Adds `runner delete`. */
export const addRunnerDelete: AddCommand = (parent, cli) => {
  parent
    .command("delete")
    .argument("<runner>", "its id", filledArgument)
    .description(
      "Delete a runner with all its managers: their tokens are dead, and its id is free. One that is gone is no error. For administrators of its realm's runners.",
    )
    .addHelpText("after", examples(["nobody needs it any more", "fleetgate runner delete linux-1"]))
    .action(
      cli.action(async (runnerId: string) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(RunnerService).deleteRunner({ runnerId }),
        );
        show(cli, DeleteRunnerResponseSchema, response, [`deleted runner ${plain(runnerId)}`]);
        return exitCodes.ok;
      }),
    );
};
