import {
  ReleaseHoldResponseSchema,
  TaskService,
} from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { holdArgument, type HoldArgument } from "./hold-argument.ts";

/** Adds `task release`. */
export const addTaskRelease: AddCommand = (parent, cli) => {
  parent
    .command("release")
    .argument("<hold>", "the hold, TASK/HOLD", holdArgument)
    .description(
      "Release a hold: without another one, the token of the task is dead. Safe to repeat; takes nothing from others. For the host that has it.",
    )
    .addHelpText(
      "after",
      examples([
        "this host is done with it",
        "fleetgate task release build-1/6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11",
      ]),
    )
    .action(
      cli.action(async (hold: HoldArgument) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(TaskService).releaseHold(hold),
        );
        const name = `${plain(hold.taskId)}/${plain(hold.holdId)}`;
        show(cli, ReleaseHoldResponseSchema, response, [`released ${name}`]);
        return exitCodes.ok;
      }),
    );
};
