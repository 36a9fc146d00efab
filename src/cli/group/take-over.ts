import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { quote } from "../../domain/quote.ts";
import {
  GroupService,
  TakeOverGroupResponseSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { durationArgument, filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { sendWrite, withChangeOptions, type ChangeOptions } from "../write-options.ts";
import { formatTakeOver } from "./format-take-over.ts";
import { showTaken } from "./show-taken.ts";

interface TakeOverOptions extends ChangeOptions {
  /** Milliseconds. */
  readonly for: number;
}

/** Adds `group take-over`. */
export const addGroupTakeOver: AddCommand = (parent, cli) => {
  const command = parent
    .command("take-over")
    .argument("<group>", "its name", filledArgument)
    .description(
      "Take a group over from the source of configuration that manages it, for a time: it is edited here until then, and applying the source leaves it alone. Once more: with a new end. For administrators.",
    )
    .requiredOption("--for <duration>", "for how long, e.g. 4h; at most 30d", durationArgument);
  withChangeOptions(command, { dryRun: "do everything except the change", needsReason: true })
    .addHelpText(
      "after",
      examples(
        [
          "the repository of the files is down, and somebody must get in",
          'fleetgate group take-over chromium-devs --for 4h --reason "the repository is down"',
        ],
        ["then edit it", "fleetgate group add chromium-devs user:bob@example.com"],
        ["until when, and by whom?", "fleetgate group get chromium-devs"],
      ),
    )
    .action(
      cli.action(async (name: string, options: TakeOverOptions) => {
        const duration = durationFromMs(options.for);
        const response = await sendWrite(cli, options, (connection, fields) => {
          const { reason, validateOnly, requestId } = fields;
          const request = { name, duration, reason, validateOnly, requestId };
          return connection.client(GroupService).takeOverGroup(request);
        });
        const takeOver = response.group?.takeOver;
        const verb = options.dryRun === true ? "would take over" : "took over";
        showTaken(cli, options, TakeOverGroupResponseSchema, response, [
          `${verb} group ${quote(name)}${takeOver === undefined ? "" : ` ${formatTakeOver(takeOver)}`}`,
        ]);
        return exitCodes.ok;
      }),
    );
};
