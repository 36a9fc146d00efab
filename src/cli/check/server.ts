import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The question of `check server`. */
export const serverQuestion: CheckQuestion<void, PermissionOptions> = {
  usage: "server",
  withOptions: withPermission,
  toCheck: (_, options) => ({ case: "server", value: permissionFields(options) }),
};

/** Adds `check server`. */
export const addCheckServer: AddCommand = (parent, cli) => {
  serverQuestion
    .withOptions(parent.command(serverQuestion.usage))
    .description("Check a permission at the server level, by the groups of the settings.")
    .addHelpText(
      "after",
      examples([
        "may I see all bots?",
        "fleetgate check server --permission swarming.pools.listBots",
      ]),
    )
    .action(
      cli.action((options: PermissionOptions) =>
        decide(cli, serverQuestion.toCheck(undefined, options), options),
      ),
    );
};
