import { create } from "@bufbuild/protobuf";
import {
  ConfigService,
  ConfigServiceValidateResponseSchema,
  type ConfigServiceValidateResponse,
} from "../../gen/fleetgate/admin/v1/config_service_pb.ts";
import { examples, type AddCommand } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { printLines, printMessage } from "../print.ts";
import { toConfigFiles } from "./config-file.ts";
import { countProblems, formatProblem, isError, toShownProblem } from "./problems.ts";
import { readConfigFiles, type ConfigText } from "./read-config-files.ts";
import { sourceOption } from "./source-option.ts";
import { formatSummary } from "./summary.ts";

interface ValidateOptions {
  readonly source: string;
  readonly offline?: boolean;
}

/** Adds `config validate`. */
export const addConfigValidate: AddCommand = (parent, cli) => {
  parent
    .command("validate <file...>")
    .description(
      "Show every problem of the files, and what applying them would change. Ends with 3 when there is an error.",
    )
    .addOption(sourceOption())
    .option("--offline", "ask no server: other sources and the current state are then not known")
    .addHelpText(
      "after",
      examples(
        ["validate a folder against the running server", "fleetgate config validate fleet/"],
        ["without a server, e.g. before a commit", "fleetgate config validate --offline fleet/"],
      ),
    )
    .action(
      cli.action(async (paths: string[], options: ValidateOptions) => {
        const { source, offline = false } = options;
        const files = await readConfigFiles(cli.io, paths);
        const response = offline
          ? await validateOffline(source, files)
          : await withConnection(cli, (connection) =>
              connection.client(ConfigService).validate({ source, files: toConfigFiles(files) }),
            );
        const valid = !response.problems.some(isError);
        if (cli.globals().json) {
          printMessage(cli.io, ConfigServiceValidateResponseSchema, response);
        } else {
          printLines(
            cli.io,
            ...response.problems.flatMap(formatProblem),
            countProblems(response.problems, files.length),
            ...(valid && !offline
              ? [`would change in source ${source}:`, ...formatSummary(response.summary)]
              : []),
          );
        }
        return valid ? exitCodes.ok : exitCodes.invalidConfiguration;
      }),
    );
};

async function validateOffline(
  source: string,
  files: readonly ConfigText[],
): Promise<ConfigServiceValidateResponse> {
  const { validateConfiguration } = await import("../../config/validate.ts");
  const { problems } = validateConfiguration({ source, files, others: new Map() });
  return create(ConfigServiceValidateResponseSchema, { problems: problems.map(toShownProblem) });
}
