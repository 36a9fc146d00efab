import { Code, ConnectError, type Client } from "@connectrpc/connect";
import {
  ConfigService,
  ConfigServiceApplyResponseSchema,
} from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { findErrorInfo, toStatus } from "../error-status.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { printLines, printMessage, printNotes } from "../print.ts";
import { printStatus } from "../print-status.ts";
import { toConfigFiles } from "./config-file.ts";
import { countProblems, formatProblem, isError } from "./problems.ts";
import { readConfigFiles, type ConfigText } from "./read-config-files.ts";
import { sourceOption } from "./source-option.ts";
import { formatSummary } from "./summary.ts";

interface ApplyOptions {
  readonly source: string;
  readonly etag?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
}

/** Adds `config apply`. */
export const addConfigApply: AddCommand = (parent, cli) => {
  parent
    .command("apply <file...>")
    .description(
      "Replace all that a source manages by what the files hold, in one transaction. A directory stands for its *.yaml, *.yml and *.json, - for standard input.",
    )
    .addOption(sourceOption())
    .option(
      "--etag <etag>",
      "refuse when the source has changed since; from the last apply, or config export --json",
      filledArgument,
    )
    .option("--reason <text>", "why, for the change log")
    .option("--dry-run", "do everything except the change")
    .addHelpText(
      "after",
      examples(
        ["apply a folder", 'fleetgate config apply fleet/ --reason "add the GPU pool"'],
        ["what would it change?", "fleetgate config apply fleet/ --dry-run"],
        [
          "a team's own projects, and only if nobody else changed them",
          "fleetgate config apply team.yaml --source team-a --etag 3q2-7w",
        ],
      ),
    )
    .action(
      cli.action(async (paths: string[], options: ApplyOptions) => {
        const files = await readConfigFiles(cli.io, paths);
        return withConnection(cli, (connection) =>
          apply(cli, connection.client(ConfigService), files, options),
        );
      }),
    );
};

async function apply(
  cli: Cli,
  client: Client<typeof ConfigService>,
  texts: readonly ConfigText[],
  options: ApplyOptions,
): Promise<ExitCode> {
  const { source, etag = "", reason = "", dryRun = false } = options;
  const files = toConfigFiles(texts);
  try {
    const response = await client.apply({ source, files, etag, reason, validateOnly: dryRun });
    printNotes(cli.io, ...response.warnings.flatMap(formatProblem));
    if (cli.globals().json) {
      printMessage(cli.io, ConfigServiceApplyResponseSchema, response);
      return exitCodes.ok;
    }
    printLines(
      cli.io,
      dryRun ? `would change in source ${source}:` : `changed in source ${source}:`,
      ...formatSummary(response.summary),
      ...(dryRun ? [] : [`etag: ${response.etag}`]),
      `revision token: ${response.revisionToken}`,
    );
    return exitCodes.ok;
  } catch (error) {
    if (!isConfigInvalid(error)) throw error;
    return showProblems(cli, client, texts, source, error);
  }
}

/** The error of Apply names only the first problem: ask for all of them. */
async function showProblems(
  cli: Cli,
  client: Client<typeof ConfigService>,
  texts: readonly ConfigText[],
  source: string,
  applyError: ConnectError,
): Promise<ExitCode> {
  const response = await client.validate({ source, files: toConfigFiles(texts) });
  // Another source changed in between: what Apply said is all there is to say.
  if (!response.problems.some(isError)) throw applyError;
  printNotes(
    cli.io,
    ...response.problems.flatMap(formatProblem),
    `not applied: ${countProblems(response.problems, texts.length)}`,
  );
  if (cli.globals().json) printStatus(cli.io, toStatus(applyError));
  return exitCodes.invalidConfiguration;
}

function isConfigInvalid(error: unknown): error is ConnectError {
  return (
    error instanceof ConnectError &&
    error.code === Code.InvalidArgument &&
    findErrorInfo(error)?.reason === "CONFIG_INVALID"
  );
}
