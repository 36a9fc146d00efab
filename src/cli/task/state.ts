import { Option } from "commander";
import { TaskStateSchema, type TaskState } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import {
  SetTaskStateResponseSchema,
  TaskService,
} from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { enumArgument, wordOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";

/** Adds `task state`. */
export const addTaskState: AddCommand = (parent, cli) => {
  parent
    .command("state")
    .argument("[task]", "its id (default: the task whose token is sent)", filledArgument)
    .description(
      "Say that a task begins, or that it is to stop: then its token may only report. For its hosts and for task managers; running, for the task itself too.",
    )
    .addOption(
      new Option("--to <state>", "running or canceling")
        .argParser(enumArgument(TaskStateSchema, ["running", "canceling"]))
        .makeOptionMandatory(),
    )
    .addHelpText(
      "after",
      examples(
        ["it is to stop", "fleetgate task state build-1 --to canceling"],
        [
          "the task itself says that it began",
          "fleetgate task state --to running --header-file job.token",
        ],
      ),
    )
    .action(
      cli.action(async (given: string | undefined, { to }: { readonly to: TaskState }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(TaskService).setTaskState({ taskId: given ?? "", state: to }),
        );
        const { task } = response;
        const lines =
          task === undefined
            ? []
            : [`task ${plain(task.taskId)}: ${wordOf(TaskStateSchema, task.state)}`];
        show(cli, SetTaskStateResponseSchema, response, lines);
        return exitCodes.ok;
      }),
    );
};
