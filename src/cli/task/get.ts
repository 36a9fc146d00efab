import {
  GetTaskResponseSchema,
  TaskService,
} from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { show } from "../show.ts";
import { formatTask } from "./format-task.ts";

/** Adds `task get`. */
export const addTaskGet: AddCommand = (parent, cli) => {
  parent
    .command("get")
    .argument("[task]", "its id (default: the task whose token is sent)", filledArgument)
    .description("Show a task. For its hosts, for task managers, and for the task itself.")
    .addHelpText(
      "after",
      examples(
        ["how far is it?", "fleetgate task get build-1"],
        ["the task itself looks", "fleetgate task get --header-file job.token"],
      ),
    )
    .action(
      cli.action(async (taskId: string | undefined) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(TaskService).getTask({ taskId: taskId ?? "" }),
        );
        const { task } = response;
        show(cli, GetTaskResponseSchema, response, task === undefined ? [] : formatTask(task));
        return exitCodes.ok;
      }),
    );
};
