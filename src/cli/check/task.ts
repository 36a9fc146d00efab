import { CheckTaskPermResponseSchema } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

interface TaskOptions extends PermissionOptions {
  readonly realm?: string;
  readonly pool?: string;
  readonly bot?: string;
  readonly submitter?: string;
}

/** Adds `check task`. */
export const addCheckTask: AddCommand = (parent, cli) => {
  withPermission(parent.command("task <id>"))
    .description(
      "Check swarming.tasks.get or swarming.tasks.cancel on a task. What you say about the task is your claim: the server does not know tasks.",
    )
    .option("--realm <realm>", "the realm of the task, project:realm", filledArgument)
    .option("--pool <pool>", "the pool of the task", filledArgument)
    .option(
      "--bot <id>",
      "the bot that it is bound to; counts when there is no pool",
      filledArgument,
    )
    .option("--submitter <identity>", "who submitted it", filledArgument)
    .addHelpText(
      "after",
      examples([
        "may I cancel this task?",
        "fleetgate check task 5f2a10 --permission swarming.tasks.cancel --realm chromium:ci --pool chromium.tests --submitter user:ann@example.com",
      ]),
    )
    .action(
      cli.action((taskId: string, options: TaskOptions) => {
        const { realm = "", pool = "", bot: botId = "", submitter = "" } = options;
        const task = { taskId, realm, pool, botId, submitter };
        return decide(cli, CheckTaskPermResponseSchema, (client) =>
          client.checkTaskPerm({ task, ...permissionFields(options) }),
        );
      }),
    );
};
