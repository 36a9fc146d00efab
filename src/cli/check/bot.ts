import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The question of `check bot`. */
export const botQuestion: CheckQuestion<string, PermissionOptions> = {
  usage: "bot <id>",
  withOptions: withPermission,
  toCheck: (botId, options) => ({ case: "bot", value: { botId, ...permissionFields(options) } }),
};

/** Adds `check bot`. */
export const addCheckBot: AddCommand = (parent, cli) => {
  botQuestion
    .withOptions(parent.command(botQuestion.usage))
    .description("Check a permission on a bot, in the pools of its bot group.")
    .addHelpText(
      "after",
      examples([
        "may I terminate this bot?",
        "fleetgate check bot vm12-m1 --permission swarming.pools.terminateBot",
      ]),
    )
    .action(
      cli.action((botId: string, options: PermissionOptions) =>
        decide(cli, botQuestion.toCheck(botId, options), options),
      ),
    );
};
