import {
  ConfigService,
  ConfigServiceApplyResponseSchema,
} from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printMessage, printNotes } from "../print.ts";
import { toConfigFiles } from "./config-file.ts";
import { printPlan } from "./plan.ts";
import { formatProblem } from "./problems.ts";
import { readConfigFiles } from "./read-config-files.ts";
import { refuseInvalid } from "./refuse-invalid.ts";
import { sourceOption } from "./source-option.ts";
import { summaryOption } from "./summary-option.ts";

interface DiffOptions {
  readonly source: string;
  readonly summary?: boolean;
}

/** Adds `config diff`. */
export const addConfigDiff: AddCommand = (parent, cli) => {
  parent
    .command("diff <file...>")
    .description(
      "Show what applying the files would change: each entity with the fields that differ, and who would gain and lose which permission where. Prints nothing on standard output when nothing differs. Ends with 0 either way, and with 3 when the files have errors.",
    )
    .addOption(sourceOption())
    .addOption(summaryOption())
    .addHelpText(
      "after",
      examples(
        ["what would this change, and for whom?", "fleetgate config diff fleet/"],
        ["only how many", "fleetgate config diff fleet/ --summary"],
        [
          "does the fleet still hold what the files say?",
          'test -z "$(fleetgate config diff fleet/)"',
        ],
      ),
    )
    .action(
      cli.action(async (paths: string[], { source, summary = false }: DiffOptions) => {
        const texts = await readConfigFiles(cli.io, paths);
        const files = toConfigFiles(texts);
        return withConnection(cli, async (connection) => {
          const client = connection.client(ConfigService);
          try {
            const response = await client.apply({
              source,
              files,
              validateOnly: true,
              summaryOnly: summary,
              // A difference is no change: to look at it needs no override and no reason of one's own.
              guards: { allowLockOut: true },
              reason: "config diff",
            });
            printNotes(cli.io, ...response.warnings.flatMap(formatProblem));
            if (cli.globals().json) {
              printMessage(cli.io, ConfigServiceApplyResponseSchema, response);
            } else {
              printPlan(cli.io, source, response);
            }
            return exitCodes.ok;
          } catch (error) {
            return refuseInvalid(cli, client, texts, source, error, "not compared");
          }
        });
      }),
    );
};
