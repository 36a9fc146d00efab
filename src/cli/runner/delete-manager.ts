import {
  DeleteManagerResponseSchema,
  RunnerService,
} from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";

/** Adds `runner delete-manager`. */
export const addRunnerDeleteManager: AddCommand = (parent, cli) => {
  parent
    .command("delete-manager")
    .argument("<runner>", "its id", filledArgument)
    .argument("<system-id>", "the machine, from runner managers", filledArgument)
    .description(
      "Delete a machine of a runner: its tokens are dead, and it may enrol anew. None is no error. For administrators of its realm's runners.",
    )
    .addHelpText(
      "after",
      examples(["it was thrown away", "fleetgate runner delete-manager linux-1 s_1f2e3d"]),
    )
    .action(
      cli.action(async (runnerId: string, systemId: string) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(RunnerService).deleteManager({ runnerId, systemId }),
        );
        const line = `deleted manager ${plain(systemId)} of runner ${plain(runnerId)}`;
        show(cli, DeleteManagerResponseSchema, response, [line]);
        return exitCodes.ok;
      }),
    );
};
