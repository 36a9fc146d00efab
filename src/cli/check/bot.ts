import { CheckBotPermResponseSchema } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

/** Adds `check bot`. */
export const addCheckBot: AddCommand = (parent, cli) => {
  withPermission(parent.command("bot <id>"))
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
        decide(cli, CheckBotPermResponseSchema, (client) =>
          client.checkBotPerm({ botId, ...permissionFields(options) }),
        ),
      ),
    );
};
