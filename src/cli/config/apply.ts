import type { Client } from "@connectrpc/connect";
import {
  ConfigService,
  ConfigServiceApplyResponseSchema,
} from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { usageError } from "../cli-error.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { printLines, printMessage, printNotes } from "../print.ts";
import {
  sendWrite,
  withWriteOptions,
  type WriteFields,
  type WriteOptions,
} from "../write-options.ts";
import { toConfigFiles } from "./config-file.ts";
import { printPlan } from "./plan.ts";
import { formatProblem } from "./problems.ts";
import { readConfigFiles, type ConfigText } from "./read-config-files.ts";
import { refuseInvalid } from "./refuse-invalid.ts";
import { sourceOption } from "./source-option.ts";
import { formatSummary } from "./summary.ts";
import { summaryOption } from "./summary-option.ts";

interface ApplyOptions extends WriteOptions {
  readonly source: string;
  readonly etag?: string;
  readonly summary?: boolean;
}

/** Adds `config apply`. */
export const addConfigApply: AddCommand = (parent, cli) => {
  const command = parent
    .command("apply <file...>")
    .description(
      "Replace all that a source manages by what the files hold, in one transaction. A directory stands for its *.yaml, *.yml and *.json, - for standard input.",
    )
    .addOption(sourceOption())
    .option(
      "--etag <etag>",
      "refuse when the source has changed since; from the last apply, or config export --json",
      filledArgument,
    );
  withWriteOptions(command)
    .addOption(summaryOption())
    .addHelpText(
      "after",
      examples(
        ["apply a folder", 'fleetgate config apply fleet/ --reason "add the GPU pool"'],
        ["what would it change, and for whom?", "fleetgate config apply fleet/ --dry-run"],
        [
          "only if hardly anybody loses anything by it",
          "fleetgate config apply fleet/ --max-lost 3",
        ],
        [
          "a team's own projects, and only if nobody else changed them",
          "fleetgate config apply team.yaml --source team-a --etag 3q2-7w",
        ],
      ),
    )
    .action(
      cli.action(async (paths: string[], options: ApplyOptions) => {
        if (options.summary === true && options.dryRun !== true) {
          throw usageError("--summary goes with --dry-run");
        }
        const files = await readConfigFiles(cli.io, paths);
        return sendWrite(cli, options, (connection, fields) =>
          apply(cli, connection.client(ConfigService), files, options, fields),
        );
      }),
    );
};

async function apply(
  cli: Cli,
  client: Client<typeof ConfigService>,
  texts: readonly ConfigText[],
  options: ApplyOptions,
  fields: WriteFields,
): Promise<ExitCode> {
  const { source, etag = "", dryRun = false, summary = false } = options;
  const files = toConfigFiles(texts);
  try {
    const response = await client.apply({
      source,
      files,
      etag,
      summaryOnly: summary,
      ...fields,
    });
    printNotes(cli.io, ...response.warnings.flatMap(formatProblem));
    if (cli.globals().json) {
      printMessage(cli.io, ConfigServiceApplyResponseSchema, response);
      return exitCodes.ok;
    }
    if (dryRun) {
      printPlan(cli.io, source, response);
    } else {
      printLines(
        cli.io,
        `changed in source ${source}:`,
        ...formatSummary(response.summary),
        `etag: ${response.etag}`,
        `revision token: ${response.revisionToken}`,
      );
    }
    return exitCodes.ok;
  } catch (error) {
    return refuseInvalid(cli, client, texts, source, error, "not applied");
  }
}
