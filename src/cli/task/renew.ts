import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Option } from "commander";
import { TaskStateSchema } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import {
  RenewHoldsResponseSchema,
  TaskService,
} from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { durationArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { wordOf } from "../enum-words.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { show } from "../show.ts";
import { holdsArgument, type HoldArgument } from "./hold-argument.ts";

/** Adds `task renew`. */
export const addTaskRenew: AddCommand = (parent, cli) => {
  parent
    .command("renew")
    .argument("<hold...>", "the holds, TASK/HOLD each", holdsArgument)
    .description(
      "Renew holds, and see how far their tasks are. Ends with 1 when one is lost: stop that task. For the host that has them.",
    )
    .addOption(
      new Option("--lease <duration>", "for how long, 10s to 1h (default: 90s)").argParser(
        durationArgument,
      ),
    )
    .addHelpText(
      "after",
      examples([
        "twice a minute, say",
        "fleetgate task renew build-1/6f1f6a3e-3c0e-4d53-9d6f-0d7f3a0c9b11",
      ]),
    )
    .action(
      cli.action(async (holds: readonly HoldArgument[], { lease }: { readonly lease?: number }) => {
        const response = await withConnection(cli, (connection) =>
          connection.client(TaskService).renewHolds({
            holds: [...holds],
            ...(lease === undefined ? {} : { lease: durationFromMs(lease) }),
          }),
        );
        const lines = holds.map(({ taskId, holdId }, index) => {
          const outcome = response.outcomes[index];
          const name = `${plain(taskId)}/${plain(holdId)}`;
          return outcome?.leaseUntil === undefined
            ? `${name} is lost`
            : `${name} until ${formatTime(outcome.leaseUntil, "-")}, ${wordOf(TaskStateSchema, outcome.state)}`;
        });
        show(cli, RenewHoldsResponseSchema, response, lines);
        const isLost = holds.some((_, index) => response.outcomes[index]?.leaseUntil === undefined);
        return isLost ? exitCodes.denied : exitCodes.ok;
      }),
    );
};
