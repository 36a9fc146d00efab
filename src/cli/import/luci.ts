import type { LuciFiles } from "../../config/luci/import-luci.ts";
import type { LuciImport } from "../../config/luci/import-report.ts";
import type { LuciImportError } from "../../config/luci/luci-problem.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { formatConfigProblem } from "../config/problems.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { counted, plain, printNotes } from "../print.ts";
import { localStatus, printStatus } from "../print-status.ts";
import { readLuciFiles, realmsArgument, type LuciOptions } from "./luci-options.ts";
import { showLuciImport } from "./luci-output.ts";

/** Adds `import luci`. */
export const addImportLuci: AddCommand = (parent, cli) => {
  parent
    .command("luci [realms]")
    .description(
      "Turn configuration of LUCI (realms.cfg, pools.cfg, bots.cfg, settings.cfg, lists of groups) into ours. The YAML goes to standard output, the report to standard error. Asks no server.",
    )
    .option("--project <name>", "the project that the realms.cfg [realms] is of", filledArgument)
    .option(
      "--realms <project=file>",
      "a realms.cfg and its project; repeatable",
      realmsArgument,
      [],
    )
    .option("--pools <file>", "a pools.cfg", filledArgument)
    .option("--bots <file>", "a bots.cfg", filledArgument)
    .option("--settings <file>", "a settings.cfg", filledArgument)
    .option("--groups <dir>", "a directory of lists of groups", filledArgument)
    .option("--group-domain <domain>", "the domain of bare words in these lists", filledArgument)
    .option("--no-roles", "leave out the roles and permissions of the deployment")
    .option("--roles-out <file>", "write them to a file of their own", filledArgument)
    .option("--out <file>", "write the YAML there", filledArgument)
    .option("--out-dir <dir>", "write the YAML there, a file for each part", filledArgument)
    .addHelpText(
      "after",
      examples(
        [
          "import one project, then read what is left to do",
          "fleetgate import luci --project chromium realms.cfg --out chromium.yaml",
        ],
        [
          "import a whole deployment into a folder",
          "fleetgate import luci --realms chromium=chromium.cfg --realms v8=v8.cfg --pools pools.cfg --bots bots.cfg --settings settings.cfg --groups groups/ --out-dir fleet/",
        ],
        [
          "import a project anew whose roles another source declares",
          "fleetgate import luci --project v8 realms.cfg --no-roles --out v8.yaml",
        ],
        [
          "import and validate in one go",
          "fleetgate import luci --project chromium realms.cfg | fleetgate config validate --offline -",
        ],
      ),
    )
    .action(
      cli.action(async (realms: string | undefined, options: LuciOptions) => {
        const { files, hidden } = await readLuciFiles(cli.io, realms, options);
        const outcome = await importFiles(files);
        if ("problems" in outcome) return refuse(cli, outcome);
        if (hidden.length > 0) {
          printNotes(cli.io, `passed over: ${plain(hidden.join(", "))}`);
        }
        const formats = {
          ...(await import("../../config/luci/format-import.ts")),
          ...(await import("../../config/luci/format-report.ts")),
        };
        return showLuciImport(cli, formats, outcome, options);
      }),
    );
};

async function importFiles(files: LuciFiles): Promise<LuciImport | LuciImportError> {
  const { importLuci } = await import("../../config/luci/import-luci.ts");
  const { LuciImportError } = await import("../../config/luci/luci-problem.ts");
  try {
    return importLuci(files);
  } catch (error) {
    if (error instanceof LuciImportError) return error;
    throw error;
  }
}

function refuse(cli: Cli, { problems }: LuciImportError): ExitCode {
  const lines = problems.flatMap(formatConfigProblem);
  printNotes(cli.io, ...lines, `not imported: ${counted(problems.length, "error")}`);
  if (cli.globals().json) {
    const message = lines.join("\n");
    printStatus(cli.io, localStatus({ message, usage: false, reason: "CONFIG_INVALID" }));
  }
  return exitCodes.invalidConfiguration;
}
