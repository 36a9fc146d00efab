import { CheckServerPermResponseSchema } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

/** Adds `check server`. */
export const addCheckServer: AddCommand = (parent, cli) => {
  withPermission(parent.command("server"))
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
        decide(cli, CheckServerPermResponseSchema, (client) =>
          client.checkServerPerm(permissionFields(options)),
        ),
      ),
    );
};
