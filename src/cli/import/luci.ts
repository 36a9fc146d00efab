import type { LuciImport } from "../../config/luci/import-realms.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { formatConfigProblem } from "../config/problems.ts";
import { exitCodes, type ExitCode } from "../exit-code.ts";
import { counted, plain, printLines, printNotes } from "../print.ts";
import { localStatus, printStatus } from "../print-status.ts";
import { readInputFile } from "../read-input-file.ts";
import { writeOutputFile } from "../write-output-file.ts";

interface LuciOptions {
  readonly project: string;
  readonly out?: string;
}

/** Adds `import luci`. */
export const addImportLuci: AddCommand = (parent, cli) => {
  parent
    .command("luci <file>")
    .description(
      "Turn a realms.cfg of LUCI, protobuf text format, into configuration of one project. The YAML goes to standard output, the report to standard error. Asks no server.",
    )
    .requiredOption("--project <name>", "the project that the realms are of", filledArgument)
    .option("--out <file>", "write the YAML there", filledArgument)
    .addHelpText(
      "after",
      examples(
        [
          "import, then read what is left to do",
          "fleetgate import luci --project chromium realms.cfg --out chromium.yaml",
        ],
        [
          "import and validate in one go",
          "fleetgate import luci --project chromium realms.cfg | fleetgate config validate --offline -",
        ],
      ),
    )
    .action(
      cli.action(async (file: string, { project, out }: LuciOptions) => {
        const text = file === "-" ? await cli.io.readStdin() : readInputFile(file);
        const name = file === "-" ? "<stdin>" : file;
        const { importLuciRealms } = await import("../../config/luci/import-realms.ts");
        const { LuciImportError } = await import("../../config/luci/luci-problem.ts");
        try {
          return show(cli, importLuciRealms({ project, file: name, text }), out);
        } catch (error) {
          if (!(error instanceof LuciImportError)) throw error;
          const lines = error.problems.flatMap(formatConfigProblem);
          const count = counted(error.problems.length, "error");
          printNotes(cli.io, ...lines, `not imported: ${count}`);
          if (cli.globals().json) {
            const message = lines.join("\n");
            const status = localStatus({ message, usage: false, reason: "CONFIG_INVALID" });
            printStatus(cli.io, status);
          }
          return exitCodes.invalidConfiguration;
        }
      }),
    );
};

function show(cli: Cli, { yaml, configuration, report }: LuciImport, out?: string): ExitCode {
  if (out !== undefined) writeOutputFile(out, yaml);
  if (cli.globals().json) {
    printLines(cli.io, JSON.stringify({ configuration, report }, undefined, 2));
    return exitCodes.ok;
  }
  if (out === undefined) cli.io.stdout.write(yaml);
  else printLines(cli.io, `wrote ${out}`);
  printNotes(cli.io, ...formatReport(report));
  return exitCodes.ok;
}

function formatReport(report: LuciImport["report"]): readonly string[] {
  return [
    `${counted(report.realms, "realm")}, ${counted(report.bindings, "binding")} (${report.conditionalBindings} conditional), ${counted(report.roles, "role")}`,
    ...section("roles that grant nothing until you say what they hold", report.unresolvedRoles),
    ...section("groups to fill in", report.groups),
    ...section(
      "fields left out",
      report.skippedFields.map(({ name, line }) => `line ${line}: ${name}`),
    ),
    ...section("notes", report.notes),
  ].map(plain);
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`${title}:`, ...items.map((item) => `  ${item}`)];
}
