import { Option } from "commander";
import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The options of `check pools`. */
export interface PoolsOptions extends PermissionOptions {
  readonly any?: boolean;
}

/** The question of `check pools`. */
export const poolsQuestion: CheckQuestion<string[], PoolsOptions> = {
  usage: "pools <pool...>",
  withOptions: (command) =>
    withPermission(command)
      .option("--all", "permitted only if it is in every pool (the default)")
      .addOption(
        new Option(
          "--any",
          "permitted if it is in at least one pool; which one is not told",
        ).conflicts("all"),
      ),
  toCheck: (pools, options) => ({
    case: options.any === true ? "anyPools" : "allPools",
    value: { pools, ...permissionFields(options) },
  }),
};

/** Adds `check pools`. */
export const addCheckPools: AddCommand = (parent, cli) => {
  poolsQuestion
    .withOptions(parent.command(poolsQuestion.usage))
    .description("Check a permission in several pools: in all of them, or in any.")
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
      cli.action((pools: string[], options: PoolsOptions) =>
        decide(cli, poolsQuestion.toCheck(pools, options), options),
      ),
    );
};
