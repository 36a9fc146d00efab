import { Option } from "commander";
import {
  CheckAllPoolsPermResponseSchema,
  CheckAnyPoolsPermResponseSchema,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";

interface PoolsOptions extends PermissionOptions {
  readonly any?: boolean;
}

/** Adds `check pools`. */
export const addCheckPools: AddCommand = (parent, cli) => {
  withPermission(parent.command("pools <pool...>"))
    .description("Check a permission in several pools: in all of them, or in any.")
    .option("--all", "permitted only if it is in every pool (the default)")
    .addOption(
      new Option(
        "--any",
        "permitted if it is in at least one pool; which one is not told",
      ).conflicts("all"),
    )
    .addHelpText(
      "after",
      examples(
        [
          "may I cancel tasks in both pools?",
          "fleetgate check pools chromium.tests chromium.gpu --permission swarming.pools.cancelTask",
        ],
        [
          "in one of them at least?",
          "fleetgate check pools chromium.tests chromium.gpu --any --permission swarming.pools.cancelTask",
        ],
      ),
    )
    .action(
      cli.action((pools: string[], options: PoolsOptions) => {
        const request = { pools, ...permissionFields(options) };
        return options.any === true
          ? decide(cli, CheckAnyPoolsPermResponseSchema, (client) =>
              client.checkAnyPoolsPerm(request),
            )
          : decide(cli, CheckAllPoolsPermResponseSchema, (client) =>
              client.checkAllPoolsPerm(request),
            );
      }),
    );
};
