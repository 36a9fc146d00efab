import { CheckPoolPermResponseSchema } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

/** Adds `check pool`. */
export const addCheckPool: AddCommand = (parent, cli) => {
  withPermission(parent.command("pool <pool>"))
    .description("Check a permission in one pool.")
    .addHelpText(
      "after",
      examples(
        [
          "may I submit tasks to this pool?",
          "fleetgate check pool chromium.tests --permission swarming.pools.createTask",
        ],
        [
          "may somebody else, right after a change?",
          "fleetgate check pool chromium.tests --permission swarming.pools.createTask --caller user:ann@example.com --fully-consistent",
        ],
      ),
    )
    .action(
      cli.action((pool: string, options: PermissionOptions) =>
        decide(cli, CheckPoolPermResponseSchema, (client) =>
          client.checkPoolPerm({ pool, ...permissionFields(options) }),
        ),
      ),
    );
};
