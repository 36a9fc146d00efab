import { examples, type AddCommand } from "../cli.ts";
import { permissionFields, withPermission, type PermissionOptions } from "./check-options.ts";
import { decide } from "./decide.ts";
import type { CheckQuestion } from "./question.ts";

/** The question of `check pool`. */
export const poolQuestion: CheckQuestion<string, PermissionOptions> = {
  usage: "pool <pool>",
  withOptions: withPermission,
  toCheck: (pool, options) => ({ case: "pool", value: { pool, ...permissionFields(options) } }),
};

/** Adds `check pool`. */
export const addCheckPool: AddCommand = (parent, cli) => {
  poolQuestion
    .withOptions(parent.command(poolQuestion.usage))
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
        decide(cli, poolQuestion.toCheck(pool, options), options),
      ),
    );
};
