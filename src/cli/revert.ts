import {
  ChangeService,
  RevertChangeResponseSchema,
} from "../gen/fleetgate/admin/v1/change_service_pb.ts";
import { revisionArgument } from "./arguments.ts";
import { examples, type AddCommand } from "./cli.ts";
import { formatCounts } from "./log/format-change.ts";
import { exitCodes } from "./exit-code.ts";
import { showWritten } from "./show-written.ts";
import { sendWrite, withWriteOptions, type WriteOptions } from "./write-options.ts";

/** Adds `revert`. */
export const addRevert: AddCommand = (parent, cli) => {
  const command = parent
    .command("revert")
    .argument(
      "<revision>",
      "the revision of the change, as `fleetgate log` shows it",
      revisionArgument,
    )
    .description(
      "Undo one change by a new one. Refused when something that it changed was changed again since. For members of `administrators`.",
    );
  withWriteOptions(command)
    .addHelpText(
      "after",
      examples(
        ["what would that do?", "fleetgate revert 2 --dry-run"],
        ["undo it", 'fleetgate revert 2 --reason "the wrong team"'],
      ),
    )
    .action(
      cli.action(async (revision: bigint, options: WriteOptions) => {
        const response = await sendWrite(cli, options, (connection, fields) =>
          connection.client(ChangeService).revertChange({ revision, ...fields }),
        );
        const verb = options.dryRun === true ? "would revert" : "reverted";
        showWritten(cli, options, RevertChangeResponseSchema, response, [
          `${verb} revision ${revision}: ${formatCounts(response.summary)}`,
        ]);
        return exitCodes.ok;
      }),
    );
};
