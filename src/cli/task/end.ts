import { Option } from "commander";
import { TaskStateSchema, type TaskState } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import {
  EndTaskResponseSchema,
  TaskService,
} from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { enumArgument, wordOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";

const finalStates = ["succeeded", "failed", "canceled", "timed_out"];

/** Adds `task end`. */
export const addTaskEnd: AddCommand = (parent, cli) => {
  parent
    .command("end")
    .argument("<task>", "its id", filledArgument)
    .description(
      "End a task, whoever still holds it: its token may report for 5 minutes and is then refused. Safe to repeat. For its hosts and for task managers.",
    )
    .addOption(
      new Option("--as <state>", `how it ended: ${finalStates.join(", ")}`)
        .argParser(enumArgument(TaskStateSchema, finalStates))
        .makeOptionMandatory(),
    )
    .addHelpText("after", examples(["it is done", "fleetgate task end build-1 --as succeeded"]))
    .action(
      cli.action(async (taskId: string, options: { readonly as: TaskState }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(TaskService).endTask({ taskId, state: options.as }),
        );
        const word = wordOf(TaskStateSchema, options.as);
        show(cli, EndTaskResponseSchema, response, [`ended task ${plain(taskId)}: ${word}`]);
        return exitCodes.ok;
      }),
    );
};
