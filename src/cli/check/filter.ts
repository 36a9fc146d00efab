import {
  AclService,
  FilterPoolsByPermResponseSchema,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { plain, printLines, printMessage } from "../print.ts";
import {
  freshness,
  permissionFields,
  withPermission,
  type PermissionOptions,
} from "./check-options.ts";
import type { CheckQuestion, FilterCheck } from "./question.ts";
import { requireDecision } from "./require-decision.ts";

/** The question of `check filter`. */
export const filterQuestion: CheckQuestion<string[], PermissionOptions, FilterCheck> = {
  usage: "filter <pool...>",
  withOptions: withPermission,
  toCheck: (pools, options) => ({
    case: "filterPools",
    value: { pools, ...permissionFields(options) },
  }),
};

/** Adds `check filter`. */
export const addCheckFilter: AddCommand = (parent, cli) => {
  filterQuestion
    .withOptions(parent.command(filterQuestion.usage))
    .description(
      "Print those of the pools in which the caller has a permission, one a line. Ends with 0 even when none is left.",
    )
    .addHelpText(
      "after",
      examples([
        "in which of these may I list tasks?",
        "fleetgate check filter chromium.tests chromium.gpu --permission swarming.pools.listTasks",
      ]),
    )
    .action(
      cli.action(async (pools: string[], options: PermissionOptions) => {
        const { value } = filterQuestion.toCheck(pools, options);
        const response = await withConnection(cli, (connection) =>
          connection.client(AclService).filterPoolsByPerm({ ...value, ...freshness(options) }),
        );
        requireDecision(response);
        if (cli.globals().json) printMessage(cli.io, FilterPoolsByPermResponseSchema, response);
        else printLines(cli.io, ...response.pools.map(plain));
        return exitCodes.ok;
      }),
    );
};
