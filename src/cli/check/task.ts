import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The options of `check task`. */
export interface TaskOptions extends PermissionOptions {
  readonly realm?: string;
  readonly pool?: string;
  readonly bot?: string;
  readonly submitter?: string;
}

/** The question of `check task`. */
export const taskQuestion: CheckQuestion<string, TaskOptions> = {
  usage: "task <id>",
  withOptions: (command) =>
    withPermission(command)
      .option("--realm <realm>", "the realm of the task, project:realm", filledArgument)
      .option("--pool <pool>", "the pool of the task", filledArgument)
      .option(
        "--bot <id>",
        "the bot that it is bound to; counts when there is no pool",
        filledArgument,
      )
      .option("--submitter <identity>", "who submitted it", filledArgument),
  toCheck: (taskId, options) => {
    const { realm = "", pool = "", bot: botId = "", submitter = "" } = options;
    const task = { taskId, realm, pool, botId, submitter };
    return { case: "task", value: { task, ...permissionFields(options) } };
  },
};

/** Adds `check task`. */
export const addCheckTask: AddCommand = (parent, cli) => {
  taskQuestion
    .withOptions(parent.command(taskQuestion.usage))
    .description(
      "Check swarming.tasks.get or swarming.tasks.cancel on a task. What you say about the task is your claim: the server does not know tasks.",
    )
    .addHelpText(
      "after",
      examples([
        "may I cancel this task?",
        "fleetgate check task 5f2a10 --permission swarming.tasks.cancel --realm chromium:ci --pool chromium.tests --submitter user:ann@example.com",
      ]),
    )
    .action(
      cli.action((taskId: string, options: TaskOptions) =>
        decide(cli, taskQuestion.toCheck(taskId, options), options),
      ),
    );
};
