import { quote } from "../../domain/quote.ts";
import {
  GroupService,
  ReturnGroupResponseSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { sendWrite, withChangeOptions, type ChangeOptions } from "../write-options.ts";
import { showTaken } from "./show-taken.ts";

/** Adds `group return`. */
export const addGroupReturn: AddCommand = (parent, cli) => {
  const command = parent
    .command("return")
    .argument("<group>", "its name", filledArgument)
    .description(
      "Return a group that was taken over to its source before the time: the next apply makes it what the files say. For administrators.",
    );
  withChangeOptions(command, { dryRun: "do everything except the change" })
    .addHelpText(
      "after",
      examples(
        ["the files are right again", "fleetgate group return chromium-devs"],
        ["and now the group is what they say", "fleetgate config apply fleet/"],
      ),
    )
    .action(
      cli.action(async (name: string, options: ChangeOptions) => {
        const response = await sendWrite(cli, options, (connection, fields) => {
          const { reason, validateOnly, requestId } = fields;
          return connection
            .client(GroupService)
            .returnGroup({ name, reason, validateOnly, requestId });
        });
        const { managedBy = "" } = response.group ?? {};
        const verb = options.dryRun === true ? "would return" : "returned";
        const to = managedBy === "" ? "" : ` to source ${quote(managedBy)}`;
        showTaken(cli, options, ReturnGroupResponseSchema, response, [
          `${verb} group ${quote(name)}${to}`,
        ]);
        return exitCodes.ok;
      }),
    );
};
