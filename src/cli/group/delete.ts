import { quote } from "../../domain/quote.ts";
import {
  DeleteGroupResponseSchema,
  GroupService,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { showWritten } from "../show-written.ts";
import { sendWrite, withWriteOptions, type WriteOptions } from "../write-options.ts";

interface DeleteOptions extends WriteOptions {
  readonly etag?: string;
}

/** Adds `group delete`. */
export const addGroupDelete: AddCommand = (parent, cli) => {
  const command = parent
    .command("delete")
    .argument("<group>", "its name", filledArgument)
    .description(
      "Delete a group. Refused while another group nests it or is owned by it, or a binding or the settings name it.",
    )
    .option(
      "--etag <etag>",
      "refuse when the group has changed since; from group get",
      filledArgument,
    );
  withWriteOptions(command)
    .addHelpText(
      "after",
      examples([
        "a group that nobody uses any more",
        'fleetgate group delete release --reason "the project is over"',
      ]),
    )
    .action(
      cli.action(async (name: string, options: DeleteOptions) => {
        const { etag = "" } = options;
        const response = await sendWrite(cli, options, (connection, fields) =>
          connection.client(GroupService).deleteGroup({ name, etag, ...fields }),
        );
        const verb = options.dryRun === true ? "would delete" : "deleted";
        showWritten(cli, options, DeleteGroupResponseSchema, response, [
          `${verb} group ${quote(name)}`,
        ]);
        return exitCodes.ok;
      }),
    );
};
